using System.Collections.Concurrent;
using OpenMU.Catalogue.Jobs;
using OpenMU.Mir.Audio;
using OpenMU.Testing;

namespace OpenMU.Worker.Tests;

/// <summary>A verdict on a track is one only while its bytes are those that were downloaded.</summary>
public sealed class DownloadedFileTests(Emulator emulator)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What may happen to a file under a worker.</summary>
    public static TheoryData<string> Losses => ["deleted", "emptied", "cut", "changed", "with its folder"];

    [Theory, MemberData(nameof(Losses))]
    public async Task A_track_whose_download_was_lost_is_not_rejected_and_loses_no_try(string loss)
    {
        await using var stage = await Stage.SetAsync(emulator);
        var tries = new ConcurrentBag<string>();
        await WorkAsync(stage, [1, 2, 3, 4], path =>
        {
            tries.Add(path);
            if (tries.Count > 1) return;
            Lose(path, loss);
            throw new UnreadableAudioException("The file is too damaged to be decoded.");
        });

        (await stage.JobsAsync()).Should().ContainSingle()
            .Which.Should().BeEquivalentTo(new { State = JobState.Ready, Attempts = 1 });
        tries.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_track_whose_download_was_lost_before_it_was_opened_loses_no_try_either()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var tries = 0;
        await WorkAsync(stage, [1, 2, 3, 4], path =>
        {
            if (Interlocked.Increment(ref tries) == 1) File.Delete(path);
            _ = new FileInfo(path).Length;
        });

        (await stage.JobsAsync()).Should().ContainSingle()
            .Which.Should().BeEquivalentTo(new { State = JobState.Ready, Attempts = 1 });
    }

    [Fact]
    public async Task A_track_whose_download_is_whole_is_rejected_at_its_first_try()
    {
        await using var stage = await Stage.SetAsync(emulator);

        await WorkAsync(stage, [1, 2, 3, 4], _ => throw new UnreadableAudioException("This is not audio."));

        (await stage.JobsAsync()).Should().ContainSingle().Which.Should().BeEquivalentTo(
            new { State = JobState.Rejected, Reason = "This is not audio.", Attempts = 1 });
    }

    private static void Lose(string path, string loss)
    {
        switch (loss)
        {
            case "deleted":
                File.Delete(path);
                break;
            case "emptied":
                File.WriteAllBytes(path, []);
                break;
            case "cut":
                File.WriteAllBytes(path, [1, 2]);
                break;
            case "changed":
                File.WriteAllBytes(path, [1, 2, 3, 5]);
                break;
            default:
                Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
                break;
        }
    }

    private static async Task WorkAsync(Stage stage, byte[] bytes, Action<string> work)
    {
        await stage.Messages.EnqueueAsync(await stage.AddTrackAsync("home/a.wav", bytes), Cancel);
        var analyser = new ScriptedAnalyser((path, _) =>
        {
            work(path);
            return Task.CompletedTask;
        });
        using var machine = TestWorker.Machine(stage);
        await TestWorker.On(stage, analyser, machine).RunAsync(Cancel);
    }
}
