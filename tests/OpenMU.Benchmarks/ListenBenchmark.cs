using OpenMU.Mir.Audio;
using OpenMU.Model;
using OpenMU.Model.Kernels;
using OpenMU.Model.Text;
using OpenMU.Model.Weights;
using OpenMU.Music;
using OpenMU.Worker;
using TorchSharp;

namespace OpenMU.Benchmarks;

/// <summary>
/// What a model adds to the analysis of one track, on one core: seconds of processor time for hearing, tags,
/// caption and description.
/// </summary>
internal static class ListenBenchmark
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var folder, var file])
        {
            Console.Error.WriteLine("usage: listen MODEL FILE");
            return 2;
        }
        if (await OneCore.RestartAsync(["listen", .. arguments]) is { } code) return code;
        KernelThreads.Use(1);
        using var model = ModelFolder.Open(folder);
        using var musicModel = new MusicModel(model.Model, model.Tokenizer, model.TagHead, tagger: model.Tagger);
        var samples = (await AudioFile.ReadMonoAsync(
            file, ModelSession.SampleRate, maxSeconds: null, DecodeLimits.Default, CancellationToken.None)).Samples;
        var seconds = samples.Length / (double)ModelSession.SampleRate;
        Console.WriteLine($"{model.Version}, {seconds:F0} s of music, one core, processor seconds; load "
            + $"{(await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0]}");
        // The first round also compiles the program.
        foreach (var round in new[] { "first", "second", "third" })
        {
            var start = OneCore.ProcessorSeconds();
            using var track = musicModel.Encode(samples, CancellationToken.None);
            var tags = track.Tags;
            var tagged = OneCore.ProcessorSeconds();
            var texts = musicModel.Generate(
                track, Instructions.Texts(MusicalFacts.None.DecidedBy(tags, model.TagHead?.Labels ?? [])), facts: null,
                options: null, CancellationToken.None);
            var written = OneCore.ProcessorSeconds();
            Console.WriteLine($"{round} round: {written - start:F2} in all; {track.SecondsEncoded:F0} s heard and "
                + $"{tags.Count} tags {tagged - start:F2}, "
                + $"caption and description of {texts.Sum(text => model.Tokenizer.Encode(text.Text).Length)} "
                + $"tokens {written - tagged:F2}");
        }
        return 0;
    }
}
