using OpenMU.Training;
using Spectre.Console;

namespace OpenMU.Cli.Home;

/// <summary>Shows a progress that changes: a bar on a terminal, plain lines elsewhere.</summary>
internal static class UpProgress
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Calls <paramref name="next"/> about twice a second until the run is finished, and shows what it returns.
    /// </summary>
    public static Task<BatchProgress> ShowAsync(
        IAnsiConsole console, Func<Task<BatchProgress>> next, TimeProvider time, CancellationToken cancel) =>
        console.Profile.Capabilities.Interactive
            ? BarAsync(console, next, time, cancel)
            : LinesAsync(console, next, time, cancel);

    private static Task<BatchProgress> BarAsync(
        IAnsiConsole console, Func<Task<BatchProgress>> next, TimeProvider time, CancellationToken cancel) =>
        console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask("starting");
                return await FollowAsync(next, time, (progress, left) =>
                {
                    bar.MaxValue = Math.Max(1, progress.Total);
                    bar.Value = progress.Total == 0 ? 1 : progress.Handled;
                    bar.Description = Describe(progress, left);
                }, cancel);
            });

    private static Task<BatchProgress> LinesAsync(
        IAnsiConsole console, Func<Task<BatchProgress>> next, TimeProvider time, CancellationToken cancel)
    {
        var shown = default(BatchProgress?);
        var shownAt = time.GetTimestamp();
        return FollowAsync(next, time, (progress, left) =>
        {
            if (progress == shown
                || (!progress.Finished && shown is not null && time.GetElapsedTime(shownAt) < LineEvery))
            {
                return;
            }
            (shown, shownAt) = (progress, time.GetTimestamp());
            console.WriteLine(Describe(progress, left));
        }, cancel);
    }

    private static async Task<BatchProgress> FollowAsync(
        Func<Task<BatchProgress>> next, TimeProvider time, Action<BatchProgress, TimeSpan?> show,
        CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        var first = await next();
        for (var progress = first; ; progress = await next())
        {
            var elapsed = time.GetElapsedTime(start);
            var done = progress.Handled - first.Handled;
            show(progress, done == 0 ? null : elapsed * ((double)(progress.Total - progress.Handled) / done));
            if (progress.Finished) return progress;
            await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancel);
        }
    }

    /// <summary>One line: <c>12 of 51 done, 0 failed, 1 rejected, 1 min 10 s left</c>.</summary>
    internal static string Describe(BatchProgress progress, TimeSpan? left)
    {
        var text = $"{progress.Ready} of {progress.Total} done, {progress.Failed} failed, {progress.Rejected} rejected";
        if (progress.Finished || left is not { } time) return text;
        return time.TotalHours >= 1 ? $"{text}, {(int)time.TotalHours} h {time.Minutes} min left"
            : time.TotalMinutes >= 1 ? $"{text}, {time.Minutes} min {time.Seconds} s left"
            : $"{text}, {time.Seconds} s left";
    }
}
