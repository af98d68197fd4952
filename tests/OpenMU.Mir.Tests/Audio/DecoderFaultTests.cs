using OpenMU.Mir.Audio;

namespace OpenMU.Mir.Tests.Audio;

/// <summary>What the machine does to the decoder is never the file's fault, and never a result.</summary>
public sealed class DecoderFaultTests : IDisposable
{
    private readonly TestFolder folder = new();

    public DecoderFaultTests()
    {
        folder.WriteWav("a.wav", [TestFolder.Noise(20, 0.5, seed: 1)]);
        Directory.CreateDirectory(folder["bin"]);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_decoder_that_works_is_proved() =>
        (await DecoderCheck.FindProblemAsync(DecodeLimits.Default, CancellationToken.None)).Should().BeNull();

    [Fact]
    public async Task A_missing_program_is_not_the_file_s_fault()
    {
        (await FaultAsync()).Should().Be((DecoderFault.NotInstalled, "ffmpeg is not installed."));
        (await ProbingFaultAsync()).Should().Be((DecoderFault.NotInstalled, "ffprobe is not installed."));
        Script("ffmpeg", "exit 0");
        folder.Run("chmod", "a-x", "bin/ffmpeg");
        (await FaultAsync()).Fault.Should().Be(DecoderFault.NotInstalled);
    }

    [Theory]
    [InlineData("error while loading shared libraries: libavdevice.so.59: cannot open shared object file",
        "cannot load its libraries")]
    [InlineData("symbol lookup error: ffprobe: undefined symbol: av_bsf_alloc", "does not fit its libraries")]
    public async Task A_missing_library_is_not_the_file_s_fault(string complaint, string expected)
    {
        Script("ffmpeg", $"echo 'ffmpeg: {complaint}' >&2; exit 127");
        (await FaultAsync()).Should().Be((DecoderFault.NotInstalled, $"ffmpeg {expected}."));
        Real("ffmpeg");
        Script("ffprobe", $"echo 'ffprobe: {complaint}' >&2; exit 127");
        (await ProbingFaultAsync()).Should().Be((DecoderFault.NotInstalled, $"ffprobe {expected}."));
        (await CheckAsync()).Should().StartWith($"ffprobe {expected}. It said: ffprobe:").And.NotContain("\n");
    }

    [Theory]
    [InlineData("KILL", DecoderFault.Killed)]
    [InlineData("TERM", DecoderFault.Killed)]
    [InlineData("HUP", DecoderFault.Killed)]
    [InlineData("SEGV", DecoderFault.Crashed)]
    [InlineData("ABRT", DecoderFault.Crashed)]
    public async Task A_decoder_that_dies_by_a_signal_half_way_gives_no_result(string signal, DecoderFault fault)
    {
        Real("ffprobe");
        // Under nohup, say, a signal is ignored by all that is started.
        Script("ffmpeg", $"ffmpeg \"$@\" | head -c 1000000; exec env --default-signal sh -c 'kill -{signal} $$'");
        (await FaultAsync()).Fault.Should().Be(fault);
        (await CheckAsync()).Should().StartWith("ffmpeg ");
    }

    [Fact]
    public async Task The_real_decoder_when_it_is_asked_to_stop_gives_no_result()
    {
        var info = await AudioFile.ProbeAsync(folder["a.wav"], DecodeLimits.Default, CancellationToken.None);
        await using var decoder = AudioFile.Open(folder["a.wav"], info, DecodeLimits.Default, CancellationToken.None);
        await decoder.ReadAsync();
        folder.Run("kill", "-TERM", $"{decoder.ProcessId}");
        var read = async () => { while ((await decoder.ReadAsync()).Length > 0) { } };
        (await read.Should().ThrowAsync<DecoderUnavailableException>()).Which.Fault.Should().Be(DecoderFault.Killed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(69)]
    public async Task A_decoder_that_gives_up_half_way_leaves_a_truncated_track(int exitCode)
    {
        Real("ffprobe");
        Script("ffmpeg", $"ffmpeg \"$@\" | head -c 1764000; echo 'Conversion failed!' >&2; exit {exitCode}");
        var measured =
            await TrackMeasurer.MeasureAsync(folder["a.wav"], Limits, progress: null, CancellationToken.None);
        measured.Quality.Faults.Should().HaveFlag(SoundFaults.Truncated);
        (measured.DurationSeconds, measured.Quality.ClaimedSeconds).Should().Be((10, 20));
        Script("ffmpeg", $"exit {exitCode}");
        var nothing = () => TrackMeasurer.MeasureAsync(folder["a.wav"], Limits, progress: null, CancellationToken.None);
        await nothing.Should().ThrowAsync<UnreadableAudioException>();
    }

    [Fact]
    public async Task Time_on_the_processor_is_the_file_s_fault_and_waiting_is_the_machine_s()
    {
        Script("ffprobe", "while :; do :; done");
        var limits = Limits with { ProbeProcessorTime = TimeSpan.FromMilliseconds(200) };
        var fault = (await Probing(limits).Should().ThrowAsync<UnreadableAudioException>()).Which;
        fault.Message.Should().Be("Decoding the file took too long.");

        Script("ffprobe", "exec sleep 1000");
        limits = Limits with { Timeout = TimeSpan.FromMilliseconds(300) };
        (await Probing(limits).Should().ThrowAsync<DecoderUnavailableException>()).Which.Fault.Should()
            .Be(DecoderFault.TimedOut);
    }

    [Fact]
    public async Task A_file_that_the_healthy_decoder_refuses_is_the_file_s_fault()
    {
        folder.Write("text.mp3", "This is not music.\n"u8.ToArray());
        var probing = () => AudioFile.ProbeAsync(folder["text.mp3"], DecodeLimits.Default, CancellationToken.None);
        (await probing.Should().ThrowAsync<UnreadableAudioException>()).Which.IsMissing.Should().BeFalse();
        probing = () => AudioFile.ProbeAsync(folder["gone.mp3"], DecodeLimits.Default, CancellationToken.None);
        (await probing.Should().ThrowAsync<UnreadableAudioException>()).Which.IsMissing.Should().BeTrue();
    }

    [Theory]
    [InlineData("ffprobe", "echo '{}'", "A sound pcm_s16le file was refused")]
    [InlineData("ffmpeg", "head -c 100000 /dev/zero", "ffmpeg did not give the samples of a pcm_s16le file.")]
    [InlineData("ffmpeg", "ffmpeg \"$@\" | head -c 1000", "ffmpeg did not give the samples of a pcm_s16le file.")]
    [InlineData("ffmpeg",
        "case \"$*\" in *sound.mp3*) echo 'Decoder mp3 not found' >&2; exit 1;; *) exec ffmpeg \"$@\";; esac",
        "A sound mp3 file was refused")]
    public async Task A_decoder_that_answers_wrongly_is_not_healthy(string program, string script, string expected)
    {
        Real(program == "ffmpeg" ? "ffprobe" : "ffmpeg");
        Script(program, script);
        (await CheckAsync()).Should().StartWith(expected).And.NotContain("\n");
    }

    private DecodeLimits Limits => new() { ProgramFolder = folder["bin"] };

    private Task<string?> CheckAsync() => DecoderCheck.FindProblemAsync(Limits, CancellationToken.None);

    private Func<Task> Probing(DecodeLimits limits) =>
        () => AudioFile.ProbeAsync(folder["a.wav"], limits, CancellationToken.None);

    private async Task<(DecoderFault Fault, string Message)> ProbingFaultAsync()
    {
        var thrown = (await Probing(Limits).Should().ThrowAsync<DecoderUnavailableException>()).Which;
        return (thrown.Fault, thrown.Message);
    }

    private async Task<(DecoderFault Fault, string Message)> FaultAsync()
    {
        var measuring =
            () => TrackMeasurer.MeasureAsync(folder["a.wav"], Limits, progress: null, CancellationToken.None);
        var thrown = (await measuring.Should().ThrowAsync<DecoderUnavailableException>()).Which;
        return (thrown.Fault, thrown.Message);
    }

    private void Real(string program) => Script(program, $"exec {program} \"$@\"");

    private void Script(string program, string body)
    {
        var path = folder[Path.Combine("bin", program)];
        File.Delete(path);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        folder.Run("chmod", "a+x", path);
    }
}
