using OpenMU.Music;

namespace OpenMU.Training.Synthesis.Beats;

/// <summary>
/// Whole songs whose sections are known: verse and chorus with a bridge or a solo, AABA, blues of twelve bars, verses
/// alone, and music in which nothing comes again. What comes again is played a little differently each time, in a tempo
/// that sways.
/// </summary>
internal static class SongForms
{
    private static readonly Form[] Forms =
    [
        new("verse and chorus", 5, r =>
        {
            int verse = r.Pick<int>([8, 8, 16, 12]), chorus = r.Pick<int>([8, 8, 16]), intro = r.Pick<int>([4, 4, 8]),
                middle = r.Pick<int>([8, 8, 4]);
            var other = r.Chance(.6) ? "bridge" : "solo";
            List<(string, int)> parts = [("verse", verse), ("chorus", chorus), ("verse", verse), ("chorus", chorus)];
            if (r.Chance(.3)) parts.Insert(0, ("verse", verse));
            if (r.Chance(.85)) parts.AddRange([(other, middle), ("chorus", chorus)]);
            if (r.Chance(.85)) parts.Insert(0, ("intro", intro));
            if (r.Chance(.6)) parts.Add(("outro", r.Pick<int>([4, 4, 8])));
            return parts;
        }),
        new("AABA", 3, r =>
        {
            List<(string, int)> parts = [("verse", 8), ("verse", 8), ("bridge", 8), ("verse", 8)];
            if (r.Chance(.7)) parts.AddRange([("solo", 8), ("solo", 8), ("bridge", 8), ("verse", 8)]);
            else parts.AddRange([("bridge", 8), ("verse", 8)]);
            if (r.Chance(.5)) parts.Insert(0, ("intro", 4));
            if (r.Chance(.3)) parts.Add(("outro", 4));
            return parts;
        }),
        new("twelve bars", 2, r =>
        {
            List<(string, int)> parts = [("verse", 12), ("verse", 12)];
            parts.AddRange(Enumerable.Repeat(("solo", 12), r.Next(1, 4)));
            parts.AddRange(Enumerable.Repeat(("verse", 12), r.Next(1, 3)));
            if (r.Chance(.5)) parts.Insert(0, ("intro", 4));
            return parts;
        }),
        new("verses", 1, r =>
        {
            var bars = r.Pick<int>([8, 16]);
            List<(string, int)> parts = [.. Enumerable.Repeat(("verse", bars), r.Next(3, 6))];
            if (r.Chance(.7)) parts.Insert(0, ("intro", 4));
            return parts;
        }),
        new("nothing again", 2, r =>
            [.. Enumerable.Range(0, r.Next(4, 8)).Select(part => ($"part {part}", r.Pick<int>([8, 8, 12, 16, 6])))]),
    ];

    /// <summary>Names of the forms.</summary>
    public static IEnumerable<string> Names => Forms.Select(form => form.Name);

    /// <summary>A song of a form of chance.</summary>
    public static BeatPiece Draw(SeededRandom random) =>
        Draw(random.Pick<Form>([.. Forms.SelectMany(form => Enumerable.Repeat(form, form.Share))]), random);

    /// <summary>A song of the named form.</summary>
    public static BeatPiece Draw(string name, SeededRandom random) =>
        Draw(Forms.Single(form => form.Name == name), random);

    private static BeatPiece Draw(Form form, SeededRandom random)
    {
        var parts = form.Parts(random);
        var length = form.Name != "twelve bars" && random.Chance(.15) ? 3 : 4;
        var tempo = random.Uniform(68, 150);
        double sway = random.Chance(.6) ? random.Uniform(.004, .02) : 0, phase = random.Uniform(0, 6),
            period = random.Uniform(8, 40), lift = random.Chance(.3) ? random.Uniform(1, 1.025) : 1;
        List<double> beats = [random.Uniform(.05, .8)];
        foreach (var (part, bars) in parts)
        {
            for (var beat = 0; beat < bars * length; beat++)
            {
                var pace = 60 / tempo * (1 + (sway * Math.Sin(phase + (beats.Count / period))));
                beats.Add(beats[^1] + (pace / (part == "chorus" ? lift : 1)));
            }
        }

        beats.Add(beats[^1] + (60 / tempo));
        BeatPiece piece = new($"form {form.Name}", $"{length}/4", tempo, beats, 0, length);
        SongPlayer player = new(piece, random, isBlues: form.Name == "twelve bars");
        List<string> kinds = [];
        var first = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            var (part, bars) = parts[i];
            if (!kinds.Contains(part)) kinds.Add(part);
            player.Play(
                part, first, bars, time: parts.Take(i).Count(before => before.Name == part), i + 1 == parts.Count);
            piece.Sections.Add(new Section(
                i == 0 ? 0 : beats[first], beats[first + (bars * length)], Section.Letter(kinds.IndexOf(part)),
                Section.Functions.Contains(part) ? part : null));
            first += bars * length;
        }

        return piece;
    }

    /// <param name="Name">What it is called.</param>
    /// <param name="Share">How often it is drawn.</param>
    /// <param name="Parts">Its sections and their bars.</param>
    private sealed record Form(string Name, int Share, Func<SeededRandom, List<(string Name, int Bars)>> Parts);
}
