using System.Text;
using OpenMU.Catalogue.Jobs;
using OpenMU.Mir.Audio;

namespace OpenMU.Cli.Drills;

/// <summary>
/// The sound files of a drill: short tunes, each with other bytes, a long one here and there, and some files that are
/// no music and known to be rejected.
/// </summary>
internal static class DrillMusic
{
    private const int Rate = 22_050, BadEvery = 10, FirstBad = 7, LongEvery = 12, FirstLong = 4, LongSeconds = 45;

    private static readonly (string Extension, Func<Random, byte[]> Make)[] Bad =
    [
        ("mp3", random => Encoding.ASCII.GetBytes($"This is no music, number {random.Next()}.\n")),
        ("wav", random => [.. WaveWriter.Bytes([], Rate), .. Encoding.ASCII.GetBytes($"{random.Next()}")]),
        ("ogg", random => Bytes(random, 20_000)),
        ("flac", random => Encoding.ASCII.GetBytes($"<html><title>404</title>{random.Next()}</html>")),
        ("wav", random => [.. "RIFF\x24\0\0\0WAVE"u8, .. Bytes(random, 8)]),
        ("m4a", random => Bytes(random, 300)),
    ];

    /// <summary>Writes the files of a seed.</summary>
    /// <param name="folder">Takes them; it exists.</param>
    /// <param name="count">How many, marked and bad ones included.</param>
    /// <param name="mostTries">For all but the marked ones.</param>
    /// <param name="marks">One of the first files for each.</param>
    /// <param name="random">Of the choices.</param>
    public static IReadOnlyList<DrillFile> Write(
        DirectoryInfo folder, int count, int mostTries, IReadOnlyList<DrillMark> marks, Random random)
    {
        var files = new List<DrillFile>(count);
        for (var i = 0; i < count; i++)
        {
            var mark = i < marks.Count ? marks[i] : null;
            var isBad = mark is null && i % BadEvery == FirstBad;
            var (extension, bytes) = isBad ? MakeBad(i / BadEvery, random) : ("wav", MakeTune(i, mark?.Text, random));
            var name = $"{i:000}{(mark is null ? "" : "-marked")}{(isBad ? "-bad" : "")}.{extension}";
            File.WriteAllBytes(Path.Combine(folder.FullName, name), bytes);
            var truth = mark?.Truth ?? (isBad ? JobState.Rejected : JobState.Ready);
            files.Add(new DrillFile(name, truth, mark?.MostTries ?? mostTries));
        }

        return files;
    }

    private static (string Extension, byte[] Bytes) MakeBad(int index, Random random)
    {
        var (extension, make) = Bad[index % Bad.Length];
        return (extension, make(random));
    }

    /// <summary>
    /// A tune with the mark in it: three tones that move up or down at every beat, and a click on the beat.
    /// </summary>
    public static byte[] MakeTune(int index, string? mark, Random random)
    {
        var seconds = mark is null && index % LongEvery == FirstLong ? LongSeconds : 4 + (2 * random.NextDouble());
        var (beat, root) = (60.0 / random.Next(70, 160), 110 * Math.Pow(2, random.Next(24) / 12.0));
        var steps = Enumerable.Range(0, 8).Select(_ => Math.Pow(2, random.Next(-5, 6) / 12.0)).ToArray();
        var samples = new short[(int)(seconds * Rate)];
        for (var i = 0; i < samples.Length; i++)
        {
            var time = (double)i / Rate;
            var sinceBeat = time % beat;
            var pitch = root * steps[(int)(time / beat) % steps.Length];
            var tones = Math.Sin(Math.Tau * pitch * time) + Math.Sin(Math.Tau * 1.26 * pitch * time)
                + Math.Sin(Math.Tau * 1.5 * pitch * time);
            var click = Math.Exp(-60 * sinceBeat) * Math.Sin(Math.Tau * 1200 * sinceBeat);
            samples[i] = (short)((3500 * tones * Math.Exp(-sinceBeat)) + (12_000 * click));
        }

        return WaveWriter.Bytes(samples, Rate, chunk: Chunk(mark));
    }

    /// <summary>The mark as a chunk that no reader knows; empty without one.</summary>
    private static byte[] Chunk(string? mark)
    {
        if (mark is null) return [];
        var note = Encoding.ASCII.GetBytes(mark.Length % 2 == 0 ? mark : mark + " ");
        return [.. "mark"u8, .. BitConverter.GetBytes(note.Length), .. note];
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
