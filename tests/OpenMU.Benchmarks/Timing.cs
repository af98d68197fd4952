using System.Diagnostics;

namespace OpenMU.Benchmarks;

/// <summary>What an action took.</summary>
/// <param name="Wall">Seconds on the clock.</param>
/// <param name="Processor">Seconds of processor time, children included.</param>
/// <param name="Allocated">Bytes on the managed heap.</param>
internal readonly record struct Timing(double Wall, double Processor, long Allocated)
{
    /// <summary>Prints the names of the columns.</summary>
    public static void PrintHead() =>
        Console.WriteLine(
            $"{"",-34}{"seconds",10}{"x real time",13}{"processor s",13}{"x real time",13}{"MB allocated",14}");

    /// <summary>Times an action so many times; the best counts.</summary>
    public static async Task<Timing> OfAsync(int repetitions, Func<Task> action)
    {
        var best = new Timing(double.MaxValue, double.MaxValue, 0);
        for (var i = 0; i < repetitions; i++)
        {
            var (before, bytes, start) =
                (OneCore.ProcessorSeconds(), GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
            await action();
            best = new(
                Math.Min(best.Wall, Stopwatch.GetElapsedTime(start).TotalSeconds),
                Math.Min(best.Processor, OneCore.ProcessorSeconds() - before), GC.GetTotalAllocatedBytes() - bytes);
        }

        return best;
    }

    /// <summary>Prints a row.</summary>
    /// <param name="name">What was timed.</param>
    /// <param name="duration">Seconds of the sound it worked on.</param>
    public void Print(string name, double duration)
    {
        var fast = Processor > 0 ? $"{duration / Processor,13:0}" : $"{"",13}";
        Console.WriteLine(
            $"{name,-34}{Wall,10:0.000}{duration / Wall,13:0}{Processor,13:0.00}{fast}{Allocated / 1e6,14:0.0}");
    }
}
