using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Text;
using static TorchSharp.torch;

namespace OpenMU.Training.Evaluation;

/// <summary>What the model is asked, and the music it hears with it: no track, one, or several.</summary>
/// <param name="Instruction">Without the music marker.</param>
/// <param name="Music">(M, A) of each track.</param>
public sealed record BenchPrompt(string Instruction, IReadOnlyList<Tensor> Music);

/// <summary>Puts prompts to a model and collects its greedy answers, in the published chat format.</summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Of its language model.</param>
/// <param name="maxNewTokens">Longest answer. The published evaluation stops captions at 128 tokens.</param>
public sealed class BenchRunner(OpenMu model, Tokenizer tokenizer, int maxNewTokens = 128)
{
    private readonly Prompt prompt = new(model.Config.Prompt, tokenizer);
    private readonly BatchGenerator writer = new(model, maxNewTokens);

    /// <summary>The answers, in the order of the questions. Questions that differ in nothing are asked once.</summary>
    public IReadOnlyList<string> Answer(
        IReadOnlyList<BenchPrompt> questions, Action<int>? done = null, CancellationToken cancel = default)
    {
        var prompts = new List<MusicPrompt>();
        var places = new Dictionary<(string, string), int>();
        int[] place = [.. questions.Select(question =>
        {
            var key = (question.Instruction, string.Join(',', question.Music.Select(music => music.Handle)));
            if (places.TryGetValue(key, out var known)) return known;
            prompts.Add(Prompt(question));
            return places[key] = prompts.Count - 1;
        })];
        string[] texts = [.. writer.Generate(prompts, done, cancel).Select(tokens => tokenizer.Decode(tokens).Trim())];
        return [.. place.Select(i => texts[i])];
    }

    /// <summary>
    /// Without a track the words around the music stay and the music goes: the same language model, deaf.
    /// </summary>
    private MusicPrompt Prompt(BenchPrompt question)
    {
        var ids = prompt.ForGeneration(question.Instruction, Math.Max(1, question.Music.Count));
        return question.Music.Count > 0
            ? new(ids, question.Music)
            : new([.. ids.Where(id => id != OpenMuConfig.MusicToken)], []);
    }
}
