// LlamaCpp.cs - llama.cpp's library (MIT) as an npm package ships it, called through its C interface (llama.h). Its
// structs of parameters differ from version to version. Only their first four numbers are written, so each is passed as
// a block that is larger than any of them: System V's calling convention passes and returns such structs in memory, and
// the callee touches no more than its own size.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OpenMU.Benchmarks.Speed;

/// <summary>llama.cpp with a GGUF file; it chooses the variant for this processor itself.</summary>
internal sealed unsafe class LlamaCpp : ISpeedPeer
{
    private const int Context = 8 * 1024, MaxBatch = 2048;

    private readonly nint library, model, context;
    private readonly delegate* unmanaged<nint, Batch, int> decode;
    private (int Texts, int Positions, int Steps) work;
    private int position;

    public LlamaCpp(string file)
    {
        var folder = Path.Combine(Installed(), "node_modules/@node-llama-cpp/linux-x64/bins/linux-x64");
        var ggml = NativeLibrary.Load(Directory.GetFiles(folder, "libggml.v*.so").Single());
        library = NativeLibrary.Load(Directory.GetFiles(folder, "libllama.v*.so").Single());
        ((delegate* unmanaged<nint, nint, void>)Export("llama_log_set"))(
            (nint)(delegate* unmanaged<int, nint, nint, void>)&Ignore, 0);
        ((delegate* unmanaged<nint, void>)NativeLibrary.GetExport(ggml, "ggml_backend_load_all_from_path"))(
            Marshal.StringToCoTaskMemUTF8(folder));
        var ofModel = ((delegate* unmanaged<Parameters>)Export("llama_model_default_params"))();
        model = ((delegate* unmanaged<nint, Parameters, nint>)Export("llama_model_load_from_file"))(
            Marshal.StringToCoTaskMemUTF8(file), ofModel);
        if (model == 0) throw new InvalidDataException($"llama.cpp does not read {file}: delete it and try again.");
        var ofContext = ((delegate* unmanaged<Parameters>)Export("llama_context_default_params"))();
        (ofContext.Numbers[0], ofContext.Numbers[1]) = (Context, MaxBatch);     // n_ctx, n_batch
        ofContext.Numbers[3] = 8;                                               // n_seq_max; n_ubatch stays 512
        context = ((delegate* unmanaged<nint, Parameters, nint>)Export("llama_init_from_model"))(model, ofContext);
        if (context == 0) throw new InvalidOperationException("llama.cpp makes no context.");
        decode = (delegate* unmanaged<nint, Batch, int>)Export("llama_decode");
    }

    public void Prepare(string work, int threads)
    {
        ((delegate* unmanaged<nint, int, int, void>)Export("llama_set_n_threads"))(context, threads, threads);
        this.work = LanguageWork.Parse(work);
        Clear();
        if (this.work.Positions == 1) Step(LanguageWork.Prompt);
    }

    public double Work()
    {
        for (var step = 0; step < work.Steps; step++) Step(work.Positions);
        return work.Texts * work.Positions * work.Steps;
    }

    public float[] Numbers()
    {
        Clear();
        work = (1, LanguageWork.Prompt, 1);
        Step(LanguageWork.Prompt);
        var vocabulary = ((delegate* unmanaged<nint, nint>)Export("llama_model_get_vocab"))(model);
        var count = ((delegate* unmanaged<nint, int>)Export("llama_vocab_n_tokens"))(vocabulary);
        return new Span<float>(
            ((delegate* unmanaged<nint, int, float*>)Export("llama_get_logits_ith"))(context, -1), count).ToArray();
    }

    public void Dispose()
    {
        ((delegate* unmanaged<nint, void>)Export("llama_free"))(context);
        ((delegate* unmanaged<nint, void>)Export("llama_model_free"))(model);
    }

    [UnmanagedCallersOnly]
    private static void Ignore(int level, nint text, nint data)
    {
    }

    /// <summary>The folder infra/llama-cpp with what its lock file pins.</summary>
    private static string Installed()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "infra/llama-cpp")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("No infra/llama-cpp above this program.");
        var infra = Path.Combine(folder.FullName, "infra/llama-cpp");
        if (Directory.Exists(Path.Combine(infra, "node_modules"))) return infra;
        using var npm = Process.Start(new ProcessStartInfo(
            "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"])
        {
            WorkingDirectory = infra,
            RedirectStandardOutput = true,
        })!;
        npm.WaitForExit();
        return npm.ExitCode == 0 ? infra : throw new InvalidOperationException("npm could not install llama.cpp.");
    }

    private nint Export(string name) => NativeLibrary.GetExport(library, name);

    private void Clear()
    {
        position = 0;
        var memory = ((delegate* unmanaged<nint, nint>)Export("llama_get_memory"))(context);
        ((delegate* unmanaged<nint, byte, void>)Export("llama_memory_clear"))(memory, 1);
    }

    /// <summary>The same new positions for each text; logits for the last of each.</summary>
    private void Step(int positions)
    {
        var count = work.Texts * positions;
        var ids = LanguageWork.Ids(positions);
        int* token = stackalloc int[count], at = stackalloc int[count], one = stackalloc int[count],
            text = stackalloc int[count];
        var texts = stackalloc int*[count];
        var wanted = stackalloc sbyte[count];
        for (var i = 0; i < count; i++)
        {
            (token[i], at[i], one[i]) = (ids[i % positions], position + (i % positions), 1);
            (text[i], wanted[i]) = (i / positions, (sbyte)(i % positions == positions - 1 ? 1 : 0));
            texts[i] = text + i;
        }
        var batch = new Batch
        {
            Count = count,
            Token = token,
            Position = at,
            TextCount = one,
            Texts = texts,
            Wanted = wanted,
        };
        if (decode(context, batch) != 0) throw new InvalidOperationException("llama.cpp could not decode.");
        ((delegate* unmanaged<nint, void>)Export("llama_synchronize"))(context);
        position += positions;
    }

    [InlineArray(256)]
    private struct Words
    {
        private uint first;
    }

    private struct Parameters
    {
        public Words Numbers;
    }

    /// <summary>llama_batch.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Batch
    {
        public int Count;
        public int* Token;
        public float* Embeddings;
        public int* Position, TextCount;
        public int** Texts;
        public sbyte* Wanted;
    }
}
