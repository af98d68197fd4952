using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OpenMU.Mir;
using OpenMU.Mir.Audio;

namespace OpenMU.Benchmarks;

/// <summary>
/// Measures files thousands of times in one process, in ever other orders: do the results stay the
/// same, and the memory flat?
/// </summary>
internal static class MirSoak
{
    /// <summary>Prints a row every tenth of the way.</summary>
    /// <param name="arguments">How many measurements, then files.</param>
    /// <returns>0, 1 if a result ever differed, or 2 for wrong arguments.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var number, .. { Length: > 0 } files]
            || !int.TryParse(number, CultureInfo.InvariantCulture, out var count))
        {
            return 2;
        }
        var random = new Random(1);
        var expected = new Dictionary<string, string>();
        var different = 0;
        Console.WriteLine($"{files.Length} "
            + $"files\n{"measured",10}{"MB resident",14}{"MB managed",13}{"handles",10}{"threads",10}{"different",12}");
        for (var done = 0; done < count;)
        {
            random.Shuffle(files);
            foreach (var file in files.Take(count - done))
            {
                var result = await MeasureAsync(file);
                if (!expected.TryAdd(file, result) && expected[file] != result) different++;
                if (++done % Math.Max(1, count / 10) == 0) Print(done, different);
            }
        }

        return different == 0 ? 0 : 1;
    }

    // Everything that was measured, down to the last bit.
    private static async Task<string> MeasureAsync(string file)
    {
        var measured = await TrackMeasurer.MeasureAsync(
            file, DecodeLimits.Default, progress: null, CancellationToken.None);
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(
            TrackJson.Document(file, measured).ToJsonString() + Jams.Of(measured).ToJsonString())));
    }

    private static void Print(int done, int different)
    {
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(
            $"{done,10}{process.WorkingSet64 / 1e6,14:0.0}{GC.GetTotalMemory(forceFullCollection: true) / 1e6,13:0.00}"
            + $"{process.HandleCount,10}{process.Threads.Count,10}{different,12}");
    }
}
