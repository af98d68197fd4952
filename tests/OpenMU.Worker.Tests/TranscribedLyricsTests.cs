using OpenMU.Catalogue.Tracks;
using OpenMU.Mir.Audio;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;

namespace OpenMU.Worker.Tests;

/// <summary>The small model of the golden numbers, of the one family that writes down what is sung.</summary>
public sealed class TranscribedLyricsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("openmu-transcript-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Only_a_model_that_is_told_to_writes_down_what_is_sung_and_all_it_writes_is_marked_as_its_own()
    {
        using (var silent = Open(transcribes: false))
            (await FindAsync(silent, "a.wav", TestSound.Tone(3, 220))).Words!.Transcript.Should().BeNull();

        using var listener = Open(transcribes: true);
        var path = Path.Combine(folder.FullName, "a.wav");
        (await FindAsync(listener, "a.wav", TestSound.Tone(3, 220))).Words!.Transcript.Should().NotBeNull();
        var analysis = await new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener)
            .AnalyseAsync(path, SaidOfTrack.Nothing, new JobProgress(new WorkerOptions(), TimeProvider.System), Cancel);
        analysis.Lyrics.Should().HaveCountLessThan(2).And
            .OnlyContain(lyrics => lyrics.Source == LyricsSource.Transcription && lyrics.Origin == listener.Version);
    }

    [Fact]
    public async Task A_file_whose_tags_have_lyrics_is_read_and_not_transcribed()
    {
        using var listener = Open(transcribes: true);
        byte[] lyrics = [3, .. "eng"u8, 0, .. "as the tag has it"u8];
        byte[] frame = [.. "USLT"u8, 0, 0, 0, (byte)lyrics.Length, 0, 0, .. lyrics];
        byte[] tag = [.. "ID3"u8, 4, 0, 0, 0, 0, 0, (byte)frame.Length, .. frame];
        byte[] chunk = [.. "id3 "u8, (byte)tag.Length, 0, 0, 0, .. tag, .. tag.Length % 2 == 1 ? new byte[1] : []];
        byte[] file = [.. TestSound.Tone(3, 220), .. chunk];
        BitConverter.TryWriteBytes(file.AsSpan(4), file.Length - 8);

        var found = await FindAsync(listener, "b.wav", file);

        found.Measured.Info.Tags.ReadLyrics()!.Text.Should().Be("as the tag has it");
        (found.Words!.Transcript, found.Words.LyricsSummary is null).Should().Be((null, false));
    }

    private Task<TrackFindings> FindAsync(ModelSession listener, string name, byte[] sound)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllBytes(path, sound);
        return new TrackAnalyser(DecodeLimits.Default, TimeProvider.System, listener).FindAsync(path, null, Cancel);
    }

    private ModelSession Open(bool transcribes)
    {
        var model = Path.Combine(folder.FullName, $"model-{transcribes}");
        using (var conversion = new Conversion(
            GoldenFamilies.Published("moss_music", folder.FullName), new() { Type = torch.ScalarType.Float32 }))
        {
            conversion.Write(model);
        }

        return ModelSession.Open(
            new WorkerOptions { ModelFolder = model, ModelThreads = 1, TranscribeLyrics = transcribes })!;
    }
}
