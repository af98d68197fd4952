using CsCheck;
using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Tests.Families;
using OpenMU.Model.Weights;
using OpenMU.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace OpenMU.Model.Tests;

/// <summary>
/// Many tracks and texts in one engine. It has no thread here: a test calls its turns, so that what joins when is no
/// matter of time. The models compute in float64: products of one row and of many differ in their last bits, and in
/// float32 a choice falls between two such results now and then. What is tested is that nothing else differs.
/// </summary>
public sealed class ModelEngineTests : IDisposable
{
    public static readonly TheoryData<string> All = ["openmu", "midashenglm_qwen3", "midashenglm_qwen25", "moss_music"];

    private static readonly string[] Instructions = ["Key?", "What is the tempo of this music?", "Is there a singer?"];

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IDisposable noGrad = no_grad();
    private readonly string root = Directory.CreateTempSubdirectory().FullName;
    private readonly GoldenFolders folders = new();
    private readonly List<IDisposable> opened = [];

    public void Dispose()
    {
        foreach (var one in Enumerable.Reverse(opened)) one.Dispose();
        noGrad.Dispose();
        scope.Dispose();
        folders.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_text_has_the_same_tokens_alone_and_in_any_company_that_comes_and_goes(string family)
    {
        var model = Open(family, out var positions);
        var alone = new Dictionary<(int Sound, int Instruction, int Tool), string>();
        foreach (var (sound, instruction, tool) in from sound in Enumerable.Range(0, 3)
                                                   from instruction in Enumerable.Range(0, 3)
                                                   from tool in Enumerable.Range(0, 3)
                                                   select (sound, instruction, tool))
        {
            var engine = new ModelEngine(model);
            alone[(sound, instruction, tool)] = new Visit(engine, model, sound, [(instruction, tool)], false)
                .Settle().Texts.Single()!;
        }
        alone.Values.Distinct().Count().Should().BeGreaterThan(3);
        var text = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3]);
        var visit = Gen.Select(Gen.Int[0, 2], text.Array[1, 3], Gen.Bool, Gen.Int[0, 6], Gen.Int[-20, 12]);
        Gen.Select(visit.Array[1, 6], Gen.Int[1, 3], Gen.Int[1, 3]).Sample((visits, windows, room) =>
        {
            // Room for so many texts at once beside the beginning of one track.
            using var narrow = new MusicModel(
                opened.OfType<ModelFamily>().Last(), folder!.Tokenizer, budget: positions * (1 + room));
            var engine = new ModelEngine(narrow, new(WindowsAtOnce: windows));
            var all = new List<Visit>();
            foreach (var (sound, texts, isUrgent, turns, cancelAfter) in visits)
            {
                all.Add(new(engine, narrow, sound, texts, isUrgent, cancelAfter));
                for (var i = 0; i < turns; i++) Turn(all, engine);
            }
            for (var i = 0; i < 5000 && all.Exists(one => !one.IsOver); i++) Turn(all, engine);
            foreach (var (one, (sound, texts, _, _, _)) in all.Zip(visits))
            {
                one.IsOver.Should().BeTrue();
                if (one.IsCancelled) continue;
                // The fourth tool throws: that text fails, and no other does.
                one.Texts.Should().Equal(texts.Select(text =>
                    text.Item2 == 3 ? null : alone[(sound, text.Item1, text.Item2)]));
            }
            engine.Turn().Should().BeFalse();
            narrow.Used.Should().Be(0);
        }, iter: 12, threads: 1);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Windows_of_several_tracks_in_one_pass_are_those_of_each_alone(string family)
    {
        var model = Open(family, out _);
        EncodedTrack[] alone = [.. Enumerable.Range(0, 3).Select(i => model.Encode(Sound(i), default))];
        var engine = new ModelEngine(model, new(WindowsAtOnce: 5));
        EncodeRequest[] together = [.. Enumerable.Range(0, 3).Select(i => engine.Encode(Sound(i), i == 1, default))];

        while (engine.Turn())
        {
        }

        foreach (var (one, other) in alone.Zip(together))
        {
            var encoded = await other.Result;
            encoded.MusicTokens.ShouldBeCloseTo(one.MusicTokens, 1e-9);
            encoded.MeanToken.ShouldBeCloseTo(one.MeanToken, 1e-5);
            encoded.SecondsEncoded.Should().Be(one.SecondsEncoded);
            other.Position.Should().Be(model.Begin(Sound(Array.IndexOf(together, other))).Count);
        }
    }

    [Fact]
    public void A_window_that_fails_costs_its_track_alone()
    {
        var model = Open("openmu", out _);
        var engine = new ModelEngine(model, new(WindowsAtOnce: 3));
        var good = engine.Encode(Sound(0), false, default);
        // Its second window begins where there is no sound.
        var broken = engine.Encode(new TrackEncoding(Sound(2), _ => [0, 1 << 30]), false, default);
        var other = engine.Encode(Sound(1), false, default);

        while (engine.Turn())
        {
        }

        good.Result.IsCompletedSuccessfully.Should().BeTrue();
        other.Result.IsCompletedSuccessfully.Should().BeTrue();
        broken.Result.Exception!.InnerException.Should().BeOfType<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Questions_are_written_first_but_a_track_that_waits_has_its_turn()
    {
        var model = Open("openmu", out var positions);
        // Room for a single text beside the music.
        using var narrow = new MusicModel(
            opened.OfType<ModelFamily>().Last(), folder!.Tokenizer, budget: 2 * positions);
        var engine = new ModelEngine(narrow, new(UrgentInARow: 2));
        var track = Heard(engine, Sound(0), isUrgent: false);
        var order = new List<string>();
        TextRequest Ask(string name, bool isUrgent) => engine.Write(
            narrow.Prepare(track, Instructions[0], null, new() { MaxNewTokens = 2 }) with
            {
                Hook = _ =>
                {
                    if (!order.Contains(name)) order.Add(name);
                    return null;
                }
            }, isUrgent, default);
        foreach (var name in (string[])["a", "b"]) Ask(name, false);
        foreach (var name in (string[])["1", "2", "3", "4", "5"]) Ask(name, true);

        while (engine.Turn())
        {
        }

        order.Should().Equal("1", "2", "a", "3", "4", "b", "5");
    }

    [Fact]
    public async Task The_sound_of_a_question_is_heard_first_and_windows_of_tracks_wait_while_it_is_answered()
    {
        var model = Open("openmu", out _);
        var engine = new ModelEngine(model, new(UrgentInARow: 100, StepsBetweenWindows: 7));
        var track = engine.Encode(Sound(2), false, default);
        engine.Turn();
        track.Position.Should().Be(1);
        var question = engine.Encode(Sound(0), true, default);
        while (!question.Result.IsCompleted) engine.Turn();
        track.Position.Should().Be(1);

        var answer = engine.Write(
            await question.Result, Instructions[0], null, new() { MaxNewTokens = 20, StopIds = [-1] }, true, default);
        var steps = new List<long>();
        while (!answer.Result.IsCompleted)
        {
            var before = track.Position;
            engine.Turn();
            if (track.Position > before) steps.Add(answer.Position);
        }

        steps.Take(2).Should().Equal(7, 14);
    }

    [Fact]
    public void A_request_that_is_cancelled_leaves_at_once_while_it_waits_and_else_after_the_pass()
    {
        var model = Open("openmu", out _);
        var engine = new ModelEngine(model);
        using var cancel = new CancellationTokenSource();
        var waiting = engine.Encode(Sound(2), false, cancel.Token);
        cancel.Cancel();
        waiting.Result.IsCanceled.Should().BeTrue("nobody needs the engine for that");

        using var later = new CancellationTokenSource();
        var begun = engine.Encode(Sound(2), false, later.Token);
        engine.Turn();
        later.Cancel();
        begun.Ended.IsCompleted.Should().BeFalse("a call into the model may never come back");
        engine.Turn().Should().BeFalse();
        begun.Result.IsCanceled.Should().BeTrue();
    }

    [Fact]
    public void A_device_that_fails_ends_everything_and_refuses_the_rest()
    {
        var model = Open("openmu", out _);
        var engine = new ModelEngine(model, isDeviceFault: e => e.InnerException is TimeoutException);
        var track = Heard(engine, Sound(0), false);
        var other = engine.Write(track, Instructions[1], null, null, false, default);
        var fatal = engine.Write(
            model.Prepare(track, Instructions[0], null, new()) with { Hook = _ => throw new TimeoutException() }, false,
            default);
        var waiting = engine.Encode(Sound(2), false, default);

        while (engine.Turn())
        {
        }

        foreach (var request in (ModelRequest[])[other, fatal, waiting]) request.Ended.IsCompleted.Should().BeTrue();
        other.Result.Exception!.InnerException!.Message.Should().Be("The model's device has failed.");
        engine.Invoking(e => e.Encode(Sound(0), false, default))
            .Should().Throw<InvalidOperationException>().WithMessage("The model's device has failed.");
    }

    [Fact]
    public async Task An_engine_that_is_stopped_fails_what_it_has_and_refuses_the_rest()
    {
        var model = Open("openmu", out _);
        var engine = new ModelEngine(model);
        engine.Start();
        var track = await engine.Encode(Sound(0), true, default).Result;
        var endless = engine.Write(
            model.Prepare(track, Instructions[0], null, new() { MaxNewTokens = 400, StopIds = [-1] }), false, default);

        engine.Stop(Timeout.InfiniteTimeSpan).Should().BeTrue();

        await endless.Ended;
        if (!endless.Result.IsCompletedSuccessfully)
            endless.Result.Exception!.InnerException.Should().BeOfType<ObjectDisposedException>();
        engine.Invoking(e => e.Encode(Sound(0), false, default)).Should().Throw<ObjectDisposedException>();
        engine.Release(track);
        model.Used.Should().Be(0);
    }

    [Fact]
    public async Task A_call_that_does_not_come_back_keeps_its_job_open_and_does_not_hold_up_the_end()
    {
        var model = Open("openmu", out _);
        using var thaw = new ManualResetEventSlim();
        var frozen = new TaskCompletionSource();
        using var cancel = new CancellationTokenSource();
        var engine = new ModelEngine(model);
        engine.Start();
        var track = await engine.Encode(Sound(0), true, default).Result;
        var stuck = engine.Write(
            model.Prepare(track, Instructions[0], null, new()) with
            {
                Hook = _ =>
                {
                    frozen.TrySetResult();
                    thaw.Wait();
                    return null;
                }
            }, false, cancel.Token);
        await frozen.Task;
        var waiting = engine.Encode(Sound(0), false, cancel.Token);
        var position = stuck.Position;

        await cancel.CancelAsync();
        waiting.Result.IsCanceled.Should().BeTrue();
        engine.Stop(TimeSpan.FromMilliseconds(1)).Should().BeFalse("nobody takes the model away from it");
        stuck.Ended.IsCompleted.Should().BeFalse();
        stuck.Position.Should().Be(position, "progress of a job is its own");

        thaw.Set();
        engine.Stop(Timeout.InfiniteTimeSpan).Should().BeTrue();
        stuck.Ended.IsCompleted.Should().BeTrue();
    }

    private ModelFolder? folder;

    /// <summary>A small model of the family that computes in float64.</summary>
    /// <param name="family">Its name.</param>
    /// <param name="positions">That a text of it takes.</param>
    private MusicModel Open(string family, out int positions)
    {
        folder = family == "openmu" ? ModelFolder.Open(SmallRandomModel.Write(root)) : folders.Open(family);
        if (family == "openmu") opened.Add(folder);
        using var file = SafeTensors.Open(Path.Combine(folder.Folder, "model.safetensors"));
        var model = folder.Config.Build(WeightSource.From(file).On(CPU, float64));
        model.eval();
        opened.Add(model);
        var music = new MusicModel(model, folder.Tokenizer);
        opened.Add(music);
        using var track = music.Encode(Sound(2), default);
        var longest = Instructions.Max(instruction => music.Prepare(track, instruction, null, Options).Positions);
        positions = longest + 4;
        return music;
    }

    private static GenerationOptions Options { get; } = new() { MaxNewTokens = 9, MaxInsertedTokens = 4 };

    /// <summary>Three recordings, of one window and of several.</summary>
    private static float[] Sound(int index)
    {
        if (index < 2) return GoldenFamilies.Clip(GoldenFamilies.Clips[index]);
        var clip = GoldenFamilies.Clip(GoldenFamilies.Clips[1]);
        return [.. clip.Reverse().Concat(clip)];
    }

    private static EncodedTrack Heard(ModelEngine engine, float[] sound, bool isUrgent)
    {
        var request = engine.Encode(sound, isUrgent, default);
        while (!request.Result.IsCompleted) engine.Turn();
        return request.Result.Result;
    }

    private static void Turn(List<Visit> visits, ModelEngine engine)
    {
        engine.Turn();
        foreach (var visit in visits) visit.Advance();
    }

    /// <summary>What one job does: has a track encoded, then asks for texts, and gives the track back.</summary>
    private sealed class Visit : IDisposable
    {
        private readonly ModelEngine engine;
        private readonly MusicModel model;
        private readonly (int Instruction, int Tool)[] wanted;
        private readonly bool isUrgent;
        private readonly CancellationTokenSource cancel = new();
        private readonly EncodeRequest encode;
        private TextRequest[]? requests;
        private int turns;
        private readonly int cancelAfter;

        public Visit(
            ModelEngine engine, MusicModel model, int sound, (int, int)[] wanted, bool isUrgent, int cancelAfter = 0)
        {
            (this.engine, this.model, this.wanted, this.isUrgent) = (engine, model, wanted, isUrgent);
            this.cancelAfter = cancelAfter;
            encode = engine.Encode(Sound(sound), isUrgent, cancel.Token);
        }

        public void Dispose() => cancel.Dispose();

        public bool IsOver { get; private set; }

        public bool IsCancelled => cancel.IsCancellationRequested;

        public IReadOnlyList<string?> Texts { get; private set; } = [];

        public Visit Settle()
        {
            while (!IsOver)
            {
                engine.Turn();
                Advance();
            }
            engine.Turn();
            return this;
        }

        public void Advance()
        {
            if (IsOver) return;
            if (++turns == cancelAfter) cancel.Cancel();
            if (!encode.Result.IsCompleted) return;
            if (encode.Result.IsCanceled)
            {
                IsOver = true;
                return;
            }
            var track = encode.Result.Result;
            requests ??= [.. wanted.Select(text => engine.Write(
                model.Prepare(track, Instructions[text.Instruction], null, Options) with { Hook = Tool(text.Tool) },
                isUrgent, cancel.Token))];
            if (requests.Any(request => !request.Ended.IsCompleted)) return;
            Texts = [.. requests.Select(request =>
                request.Result.IsCompletedSuccessfully ? request.Result.Result.Text : null)];
            engine.Release(track);
            IsOver = true;
        }

        /// <summary>None, one that answers behind the third token or in its place, and one that throws.</summary>
        private static TokenHook? Tool(int kind) => kind switch
        {
            0 => null,
            3 => tokens => tokens.Count == 3 ? throw new InvalidOperationException("No tool.") : null,
            _ => tokens => tokens.Count == 3 ? [.. tokens.Take(kind == 1 ? 3 : 2), tokens[0], tokens[1], 65] : null,
        };
    }
}
