using OpenMU.Model.Families;
using OpenMU.Model.Generation;
using OpenMU.Model.Text;
using static TorchSharp.torch;

namespace OpenMU.Training.Evaluation;

/// <summary>What the model is asked, and the music it hears with it: no track, one, or several.</summary>
/// <param name="Instruction">Without the music marker.</param>
/// <param name="Music">(M, A) of each track.</param>
public sealed record BenchPrompt(string Instruction, IReadOnlyList<Tensor> Music);

/// <summary>Puts prompts to a model and collects its greedy answers, in its family's chat format.</summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Of its language model.</param>
/// <param name="maxNewTokens">Longest answer. The published evaluation stops captions at 128 tokens.</param>
public sealed class BenchRunner(ModelFamily model, Tokenizer tokenizer, int maxNewTokens = 128)
{
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
            prompts.Add(new(
                model.PromptFor(tokenizer, question.Instruction, question.Music.Count), question.Music));
            return places[key] = prompts.Count - 1;
        })];
        string[] texts = [.. writer.Generate(prompts, done, cancel)
            .Select(tokens => tokenizer.Decode(ChatMl.WithoutThoughts(tokens, tokenizer)).Trim())];
        return [.. place.Select(i => texts[i])];
    }
}
