using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Publishing;

/// <summary>Counts what changes, pair by pair; its size does not depend on how many there are.</summary>
internal sealed class DiffTally
{
    private const int MaxExamples = 5, MaxTags = 20, MaxExampleLength = 200;

    // Half, a third, and so on of the same beat.
    private static readonly double[] Octaves = [0.5, 2, 1.0 / 3, 3];
    private const double Unnoticed = 0.02;

    private readonly Dictionary<string, FieldTally> fields = [];
    private readonly Dictionary<string, (int Added, int Removed)> words = [];
    private readonly TextTally before = new(), after = new();
    private readonly StageSeconds work = new();
    private int compared, changed, unnoticed, octave, otherTempo, neighbour, parallel, otherKey;
    private int analyses, open;
    private double tempoChange, sound, openSound;
    private long tagsBefore, tagsAfter;

    /// <summary>Tracks that were counted.</summary>
    public int Tracks => compared + Shown + Open + Failed + Rejected + NotAskedFor;

    public int Shown { get; set; }

    public int Open { get; set; }

    public int Failed { get; set; }

    public int Rejected { get; set; }

    public int NotAskedFor { get; set; }

    /// <summary>Counts one track that has both.</summary>
    /// <param name="track">The track.</param>
    /// <param name="was">What is known now.</param>
    /// <param name="will">What would be.</param>
    /// <param name="timelines">The lists over time that differ, by name.</param>
    /// <param name="corrected">Fields that a person has put right.</param>
    public void Compare(
        (long Id, string FileName) track, AnalysisSide was, AnalysisSide will, IReadOnlyList<string> timelines,
        FieldSet corrected)
    {
        compared++;
        var differs = timelines.Count > 0;
        foreach (var ((field, old), (_, now)) in was.Fields().Zip(will.Fields()))
        {
            if (old == now) continue;
            differs = true;
            Of(field).Add(track, old, now, corrected[field] is not null);
        }

        foreach (var name in timelines) Of(name).Add(track);
        if (differs) changed++;
        CountTempo(was.Bpm, will.Bpm);
        CountKey(was.Key, will.Key);
        CountTags(was.Tags, will.Tags);
        before.Add(was);
        after.Add(will);
    }

    /// <summary>Counts the work of an analysis that is done.</summary>
    public void Spent(AnalysisSide done)
    {
        analyses++;
        sound += done.Seconds ?? 0;
        work.Download += done.Download;
        work.Decode += done.Decode;
        work.Measure += done.Measure;
        work.Encode += done.Encode;
        work.Generate += done.Generate;
    }

    /// <summary>Counts a content that is still to be analysed.</summary>
    /// <param name="seconds">Its length; null where it is unknown.</param>
    public void Awaits(double? seconds) => (open, openSound) = (open + 1, openSound + (seconds ?? 0));

    /// <summary>All that was counted.</summary>
    public AnalysisDiff ToDiff(string modelVersion, string? against) => new(
        modelVersion, against, Tracks, changed, compared - changed, Shown, Open, Failed, Rejected, NotAskedFor,
        [.. fields.Select(field => field.Value.ToDiff(field.Key))],
        new TempoDiff(unnoticed, octave, otherTempo, Mean(tempoChange, unnoticed + octave + otherTempo)),
        new KeyDiff(neighbour, parallel, otherKey),
        new TagDiff(Mean(tagsBefore, compared), Mean(tagsAfter, compared),
        [
            .. words.OrderByDescending(word => word.Value.Added + word.Value.Removed)
                .ThenBy(word => word.Key, StringComparer.Ordinal).Take(MaxTags)
                .Select(word => new TagChange(word.Key, word.Value.Added, word.Value.Removed)),
        ]),
        new TextDiff(before.Figures, after.Figures),
        new DiffCosts(
            analyses, sound, work, work.Sum, open, openSound, sound > 0 ? work.Sum / sound * openSound : null));

    private FieldTally Of(string field)
    {
        if (!fields.TryGetValue(field, out var tally)) fields[field] = tally = new FieldTally();
        return tally;
    }

    private void CountTempo(double? was, double? will)
    {
        if (was is not { } old || will is not { } now || old == now) return;
        tempoChange += Math.Abs(now - old);
        if (IsNear(now / old, 1)) unnoticed++;
        else if (Octaves.Any(ratio => IsNear(now / old, ratio))) octave++;
        else otherTempo++;
    }

    private void CountKey(MusicalKey? was, MusicalKey? will)
    {
        if (was is not { } old || will is not { } now || old == now) return;
        if (old.Neighbours().Contains(now)) neighbour++;
        else if (old.Tonic == now.Tonic) parallel++;
        else otherKey++;
    }

    private void CountTags(string[] was, string[] will)
    {
        (tagsBefore, tagsAfter) = (tagsBefore + was.Length, tagsAfter + will.Length);
        foreach (var tag in will.Except(was)) Count(tag, added: 1, removed: 0);
        foreach (var tag in was.Except(will)) Count(tag, added: 0, removed: 1);

        void Count(string tag, int added, int removed)
        {
            var (more, less) = words.GetValueOrDefault(tag);
            words[tag] = (more + added, less + removed);
        }
    }

    private static bool IsNear(double ratio, double other) => Math.Abs(ratio - other) < Unnoticed * other;

    private static double? Mean(double sum, int count) => count == 0 ? null : sum / count;

    private sealed class FieldTally
    {
        private readonly List<DiffExample> examples = [];
        private int tracks, appears, vanishes, corrected;

        public void Add((long Id, string FileName) track, string? was, string? will, bool isCorrected)
        {
            tracks++;
            if (was is null) appears++;
            if (will is null) vanishes++;
            if (isCorrected) corrected++;
            if (examples.Count < MaxExamples)
                examples.Add(new DiffExample(track.Id, track.FileName, Shorten(was), Shorten(will)));
        }

        // A list over time: nobody reads it as a text.
        public void Add((long Id, string FileName) track)
        {
            tracks++;
            if (examples.Count < MaxExamples) examples.Add(new DiffExample(track.Id, track.FileName, null, null));
        }

        public FieldDiff ToDiff(string field) => new(field, tracks, appears, vanishes, corrected, examples);

        private static string? Shorten(string? text) =>
            text is { Length: > MaxExampleLength } ? $"{text[..MaxExampleLength]}..." : text;
    }

    private sealed class TextTally
    {
        private int captions, dropped, withoutWords;
        private long captionWords;

        public TextFigures Figures => new(captions, Mean(captionWords, captions), dropped, withoutWords);

        public void Add(AnalysisSide side)
        {
            if (side.Caption is { } caption)
            {
                captions++;
                captionWords += caption.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
            }

            dropped += side.DroppedSentences ?? 0;
            if (side.ModelProblem is not null) withoutWords++;
        }
    }
}
