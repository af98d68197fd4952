using OpenMU.Music;
using OpenMU.Training.Data;

namespace OpenMU.Training.Synthesis;

/// <summary>Works out what is true of a clip from its plan and from the notes that it is rendered from.</summary>
internal static class TruthWriter
{
    public static ClipTruth Write(ClipPlan plan, MidiFile piece, string? sha256)
    {
        var tap = Arrangement.MicrosecondsPerMmaBeat(plan) / 1e6 * plan.MmaBeatsPerTap;
        var tempo = 60 / tap;
        var metre = plan.Family.Metre;
        var instruments = AudibleInstruments.In(
            piece, Arrangement.MicrosecondsPerMmaBeat(plan), plan.CropStart, plan.Seconds);
        var taps = Enumerable.Range(0, (plan.Bars.Count * metre.Beats) + 1).ToList();
        return new ClipTruth
        {
            Id = plan.Id,
            File = $"audio/{plan.Id}.wav",
            Seconds = plan.Seconds,
            Tempo = Math.Round(tempo, 4),
            TempoClass = MusicVocabulary.TempoClassOf(tempo),
            Metre = metre.Label,
            BeatsPerBar = metre.Beats,
            Key = new MusicalKey(plan.Tonic, !plan.IsMajor).Name,
            Genre = plan.Family.Genre,
            Moods = Moods.Of(plan.Family, plan.IsMajor, MusicVocabulary.TempoClassOf(tempo)),
            Instruments = [.. instruments.Where(name => name != "drums")],
            Drums = instruments.Contains("drums"),
            Melody = plan.HasMelody,
            GrooveFamily = plan.Family.Name,
            Groove = [.. plan.Grooves.Distinct()],
            DrumFamily = plan.Drummer?.Family,
            Split = plan.Family.Split,
            Soundfont = Path.GetFileName(plan.Soundfont),
            TuningCents = plan.TuningCents,
            Seed = plan.Seed,
            Sha256 = sha256,
            Beats = Within(taps.Select(k => k * tap), plan),
            Downbeats = Within(taps.Where(k => k % metre.Beats == 0).Select(k => k * tap), plan),
            Chords = Chords(plan, tap * metre.Beats),
        };
    }

    private static List<double> Within(IEnumerable<double> times, ClipPlan plan) =>
        [.. times.Select(time => Math.Round(time - plan.CropStart, 6)).Where(time => time >= 0 && time < plan.Seconds)];

    // Neighbours of the same name are one segment.
    private static List<ChordSegment> Chords(ClipPlan plan, double barSeconds)
    {
        List<ChordSegment> segments = [];
        for (var bar = 0; bar < plan.Bars.Count; bar++)
        {
            var chords = plan.Bars[bar];
            for (var part = 0; part < chords.Count; part++)
            {
                var start = Math.Clamp(
                    Math.Round(((bar + ((double)part / chords.Count)) * barSeconds) - plan.CropStart, 6), 0,
                    plan.Seconds);
                var end = Math.Clamp(
                    Math.Round(((bar + ((part + 1.0) / chords.Count)) * barSeconds) - plan.CropStart, 6), 0,
                    plan.Seconds);
                if (end <= start) continue;
                if (segments.Count > 0 && segments[^1].Label == chords[part].Harte)
                    segments[^1] = segments[^1] with { End = end };
                else
                    segments.Add(new ChordSegment(start, end, chords[part].Harte));
            }
        }

        return segments;
    }
}

/// <summary>
/// Moods that can be heard: what the style suggests, where tempo and mode do not contradict it, and what tempo and mode
/// suggest by themselves. They follow from a rule, not from listeners.
/// </summary>
internal static class Moods
{
    private const int Most = 3;

    public static IReadOnlyList<string> Of(GrooveFamily family, bool isMajor, string tempoClass)
    {
        List<string> moods = [.. family.Moods];
        if (!isMajor) moods.RemoveAll(mood => mood is "happy" or "playful");
        if (isMajor && family.Genre != "blues") moods.Remove("sad");
        if (tempoClass == "slow") moods.RemoveAll(mood => mood is "energetic" or "happy");
        if (tempoClass == "fast") moods.RemoveAll(mood => mood is "calm" or "sad");
        if (!isMajor && !moods.Contains("dark"))
        {
            moods.Add(family.Genre is "metal" or "electronic" ? "dark"
                : tempoClass == "slow" ? "sad"
                : family.Genre is "jazz" or "funk" or "soul" or "blues" ? "groovy"
                : "dramatic");
        }
        if (isMajor && tempoClass == "fast" && family.Genre is not ("metal" or "blues")) moods.Add("happy");
        if (tempoClass == "slow" && !moods.Contains("dramatic")) moods.Add("calm");
        if (tempoClass == "fast" && family.Genre is not ("waltz" or "jazz")) moods.Add("energetic");
        if (moods.Count == 0) moods.Add("calm");
        return [.. moods.Distinct().Take(Most)];
    }
}
