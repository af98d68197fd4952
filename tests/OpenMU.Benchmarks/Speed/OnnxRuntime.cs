using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Benchmarks.Speed;

/// <summary>onnxruntime (MIT) with the encoder as an ONNX file, in float32 and with all its optimisations.</summary>
internal sealed class OnnxRuntime(string file) : ISpeedPeer
{
    private InferenceSession? session;
    private float[] input = [];
    private (int Clips, int Threads) at;

    public void Prepare(string work, int threads)
    {
        if (!File.Exists(file)) OnnxVit.Write(file);
        var clips = EncoderWork.Clips(work);
        if (at == (clips, threads)) return;
        session?.Dispose();
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        session = new(file, options);
        using var spectrograms = EncoderWork.Input(clips);
        // All tracks' first chunk, then their second: as AudioMae cuts them.
        using var chunks = cat(spectrograms.split(EncoderWork.Config.ChunkFrames, 2), 0);
        input = chunks.data<float>().ToArray();
        at = (clips, threads);
    }

    public double Work()
    {
        using var results = Run();
        return at.Clips;
    }

    public float[] Numbers()
    {
        Prepare("clips1", Environment.ProcessorCount);
        using var results = Run();
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose() => session?.Dispose();

    private IDisposableReadOnlyCollection<OrtValue> Run()
    {
        var config = EncoderWork.Config;
        using var value = OrtValue.CreateTensorValueFromMemory(
            input, [at.Clips * config.NumChunks, 1, config.ChunkFrames, config.MelBins]);
        using var options = new RunOptions();
        return session!.Run(options, ["chunks"], [value], ["tokens"]);
    }
}
