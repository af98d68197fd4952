using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using OpenMU.Catalogue.Jobs;
using OpenMU.Functions;
using OpenMU.Model.Weights;
using OpenMU.Music.Questions;
using OpenMU.Testing;

namespace OpenMU.Pipeline.Tests;

/// <summary>
/// Questions about several tracks on their whole way: the site, the worker with the model that ships and the command
/// line as processes of their own, and only what the Functions host does between them called from here.
/// </summary>
public sealed class SelectionPathTests(Emulator emulator)
{
    private const string Rain = "Rain is falling on the roof tonight\nAnd I am waiting for the morning light\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploaded_tracks_are_asked_about_through_the_API_and_the_command_line()
    {
        await using var stage = await Stage.SetAsync(emulator);
        var model = Path.Combine(RepositoryRoot(), "models", "openmu-tiny");
        var version = FolderReport.Of(model, cancel: Cancel).Version;
        using var site = await WebProcess.StartAsync(stage, Cancel);
        string[] files =
        [
            await SungAsync(stage), Written(stage, "clicks.wav", TestSound.Clicks(9, TestSound.SampleRate)),
            Written(stage, "tone.wav", TestSound.Tone(6, 330)),
        ];
        foreach (var file in files) await UploadAsync(site, file);
        (await Uploads(stage, version).DrainAsync(Cancel)).Ingested.Should().Be(files.Length);
        using var worker = WorkerProcess.Start(
            stage, TimeSpan.FromMinutes(1), untilEmpty: false, ("Worker__modelFolder", model));
        await stage.UntilAsync(jobs => jobs.TrueForAll(job => job.State == JobState.Ready));
        var ids = (await stage.TracksAsync()).ToDictionary(track => track.FileName, track => track.Id);
        long[] two = [ids["sung.flac"], ids["clicks.wav"]];

        var faster = await AskAsync(site, "Which is longer?", two);
        faster.GetProperty("text").GetString().Should().Be(
            "[2] clicks.wav is longer. [1] Rainy Night: 4.0 s; [2] clicks.wav: 9.0 s.");
        faster.GetProperty("toolCalls").EnumerateArray().Select(call => call.GetProperty("value").GetString())
            .Should().Equal("[1] 4.0", "[2] 9.0");
        faster.GetProperty("modelVersion").GetString().Should().Be(version);
        (await AskAsync(site, "Which of these songs is about rain?", two)).GetProperty("text").GetString().Should().Be(
            "\"rain\" is in the lyrics of [1] Rainy Night. [1] Rainy Night: \"Rain is falling on the roof tonight\". "
            + "[2] clicks.wav: no lyrics are known.");
        var written = await AskAsync(site, "Describe both tracks.", two);
        written.GetProperty("secondsHeard").GetDouble().Should().BeApproximately(13, 0.5);
        written.GetProperty("text").GetString().Should().Match(text => text == SelectionAnswer.Nothing
            || (text!.Contains("[1] Rainy Night") && text.Contains("This model was trained on one track at a time.")));

        string[] idsAsked = ["ask", "--track", $"{two[1]}", "--track", $"{two[0]}", "--site", $"{site.Address}"];
        (await OpenMuAsync([.. idsAsked, "Which is shorter?"])).Should().Contain(
            "[2] Rainy Night is shorter. [1] clicks.wav: 9.0 s; [2] Rainy Night: 4.0 s.");
        var json = JsonDocument.Parse(await OpenMuAsync([.. idsAsked, "--json", "Which of them is about rain?"]));
        json.RootElement[0].GetProperty("answer").GetProperty("text").GetString().Should()
            .StartWith("\"rain\" is in the lyrics of [2] Rainy Night.");
        (await OpenMuAsync(
            "ask", "--track", files[0], "--track", files[1], "Which of these songs is about rain?", "--model", model))
            .Should().Contain("\"rain\" is in the lyrics of [1] Rainy Night.");
    }

    private static async Task<JsonElement> AskAsync(WebProcess site, string text, long[] trackIds)
    {
        using var asked = await site.Client.PostAsJsonAsync("/v1/questions", new { text, trackIds }, Cancel);
        asked.EnsureSuccessStatusCode();
        while (true)
        {
            var now = await site.Client.GetFromJsonAsync<JsonElement>(asked.Headers.Location, Cancel);
            var state = now.GetProperty("state").GetString();
            if (state == "Ready") return now.GetProperty("answer");
            state.Should().BeOneOf("Queued", "Analysing");
            await Task.Delay(50, Cancel);
        }
    }

    internal static async Task UploadAsync(WebProcess site, string file)
    {
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(file, Cancel));
        content.Headers.ContentType = new("application/octet-stream");
        (await site.Client.PostAsync($"/v1/tracks?fileName={Path.GetFileName(file)}", content, Cancel))
            .EnsureSuccessStatusCode();
    }

    /// <summary>What a user runs, with its output.</summary>
    private static async Task<string> OpenMuAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(ProgramFile.FolderOf("OpenMU.Cli"), "openmu.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        process.ExitCode.Should().Be(0, await error);
        return output;
    }

    internal static string Written(Stage stage, string name, byte[] sound)
    {
        var path = Path.Combine(stage.Folder, name);
        File.WriteAllBytes(path, sound);
        return path;
    }

    /// <summary>A file whose tags have title and lyrics.</summary>
    private static async Task<string> SungAsync(Stage stage)
    {
        var plain = Written(stage, "plain.wav", TestSound.Tone(4, 220));
        var sung = Path.Combine(stage.Folder, "sung.flac");
        await Process.Start(
            "ffmpeg",
            ["-v", "error", "-i", plain, "-metadata", "TITLE=Rainy Night", "-metadata", $"LYRICS={Rain}", sung])
            .WaitForExitAsync(Cancel);
        return sung;
    }

    // What the Functions host calls for each message of the queue of uploads.
    internal static UploadQueue Uploads(Stage stage, string version)
    {
        var options = new IngestOptions { ModelVersion = version };
        var ingest = new IngestTrack(
            stage.Catalogue, stage.Storage, stage.Jobs,
            new MissingTracks(stage.Catalogue, options, TimeProvider.System, NullLogger<MissingTracks>.Instance),
            new LyricsFiles(stage.Catalogue, stage.Storage, TimeProvider.System, NullLogger<LyricsFiles>.Instance),
            options, TimeProvider.System, NullLogger<IngestTrack>.Instance);
        return new UploadQueue(ingest, stage.Storage, NullLogger<UploadQueue>.Instance);
    }

    internal static string RepositoryRoot()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(root.FullName, "models"))) root = root.Parent!;
        return root.FullName;
    }
}
