using Spectre.Console;

namespace OpenMU.Cli;

/// <summary>A bar for work that is counted in bytes; nothing where no terminal is.</summary>
internal static class ByteProgress
{
    /// <summary>
    /// Runs the work on another thread, and shows how much of <paramref name="total"/> it has told to be done.
    /// </summary>
    public static Task ShowAsync(IAnsiConsole console, string what, long total, Action<Action<long>> work) =>
        ShowAsync(console, what, total, done =>
        {
            work(done);
            return Task.CompletedTask;
        });

    /// <summary>The same for work that waits.</summary>
    public static Task ShowAsync(IAnsiConsole console, string what, long total, Func<Action<long>, Task> work)
    {
        if (!console.Profile.Capabilities.Interactive) return Task.Run(() => work(_ => { }));
        return console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new DownloadedColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                var bar = context.AddTask(what, maxValue: Math.Max(1, total));
                return Task.Run(() => work(bytes => bar.Increment(bytes)));
            });
    }

    /// <summary>"16.2 GB": powers of ten, as disks are sold.</summary>
    public static string Size(long bytes) => bytes switch
    {
        >= 1_000_000_000 => $"{bytes / 1e9:F1} GB",
        >= 1_000_000 => $"{bytes / 1e6:F1} MB",
        _ => $"{bytes / 1e3:F1} kB",
    };
}
