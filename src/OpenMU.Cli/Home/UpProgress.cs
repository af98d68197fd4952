using OpenMU.Training;
using Spectre.Console;

namespace OpenMU.Cli.Home;

/// <summary>Shows a tally that changes: a bar on a terminal, plain lines elsewhere.</summary>
internal static class UpProgress
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);

    /// <summary>Calls <paramref name="next"/> about twice a second until the run is finished, and shows what it returns.</summary>
    public static Task<Tally> ShowAsync(IAnsiConsole console, Func<Task<Tally>> next, TimeProvider time, CancellationToken cancel) =>
        console.Profile.Capabilities.Interactive ? BarAsync(console, next, time, cancel) : LinesAsync(console, next, time, cancel);

    private static Task<Tally> BarAsync(IAnsiConsole console, Func<Task<Tally>> next, TimeProvider time, CancellationToken cancel) => console.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
        .StartAsync(async context =>
        {
            var bar = context.AddTask("starting");
            return await FollowAsync(next, time, (tally, left) =>
            {
                bar.MaxValue = Math.Max(1, tally.Total);
                bar.Value = tally.Total == 0 ? 1 : tally.Handled;
                bar.Description = Describe(tally, left);
            }, cancel);
        });

    private static Task<Tally> LinesAsync(IAnsiConsole console, Func<Task<Tally>> next, TimeProvider time, CancellationToken cancel)
    {
        var shown = default(Tally?);
        var shownAt = time.GetTimestamp();
        return FollowAsync(next, time, (tally, left) =>
        {
            if (tally == shown || (!tally.Finished && shown is not null && time.GetElapsedTime(shownAt) < LineEvery)) return;
            (shown, shownAt) = (tally, time.GetTimestamp());
            console.WriteLine(Describe(tally, left));
        }, cancel);
    }

    private static async Task<Tally> FollowAsync(Func<Task<Tally>> next, TimeProvider time, Action<Tally, TimeSpan?> show, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        var first = await next();
        for (var tally = first; ; tally = await next())
        {
            var elapsed = time.GetElapsedTime(start);
            var done = tally.Handled - first.Handled;
            show(tally, done == 0 ? null : elapsed * ((double)(tally.Total - tally.Handled) / done));
            if (tally.Finished) return tally;
            await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancel);
        }
    }

    /// <summary>One line: <c>12 of 51 done, 0 failed, 1 rejected, 1 min 10 s left</c>.</summary>
    internal static string Describe(Tally tally, TimeSpan? left)
    {
        var text = $"{tally.Ready} of {tally.Total} done, {tally.Failed} failed, {tally.Rejected} rejected";
        if (tally.Finished || left is not { } time) return text;
        return time.TotalHours >= 1 ? $"{text}, {(int)time.TotalHours} h {time.Minutes} min left"
            : time.TotalMinutes >= 1 ? $"{text}, {time.Minutes} min {time.Seconds} s left"
            : $"{text}, {time.Seconds} s left";
    }
}
