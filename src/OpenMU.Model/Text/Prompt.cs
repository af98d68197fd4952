// Prompt.cs - OpenMU's chat format, which is Vicuna's and not Llama 3's own (upstream: conversation.py, "llama_3"). The
// text before and after the music is tokenised separately.
using OpenMU.Model.Families;

namespace OpenMU.Model.Text;

/// <summary>
/// The prompts that OpenMU was trained with: SYSTEM, " USER: ", the music, a line feed, the instruction, " ASSISTANT:",
/// and then the answer with a space before it and the end-of-answer token after it. Names of special tokens in
/// instructions and answers are ordinary text.
/// </summary>
public sealed class Prompt(PromptConfig config, Tokenizer tokenizer)
{
    private readonly int begin = tokenizer.IdOf(config.BeginOfText), end = tokenizer.IdOf(config.EndOfAnswer);

    /// <summary>Ids up to the colon where generation begins. The instruction is not trimmed.</summary>
    public int[] ForGeneration(string instruction, int tracks = 1) =>
        [.. BeforeMusic(), .. Music(tracks), .. tokenizer.Encode(AfterMusic(instruction))];

    /// <summary>
    /// Instruction and answer, with labels on the answer and its end token. If the text contains the separator "
    /// ASSISTANT: ", all labels are ignored, as in the reference, which cannot tell where the answer begins.
    /// Beyond the reference, the value of a tool result (" [F2() → 117.6 ]") is ignored too: the model shall call
    /// the tool, not guess the value.
    /// </summary>
    public (int[] Ids, int[] Labels) ForTraining(string instruction, string output, int tracks = 1)
    {
        int[] question = [.. BeforeMusic(), .. Music(tracks), .. tokenizer.Encode(AfterMusic(instruction.Trim()))];
        // No word of the pre-tokenizer crosses the colon, so the answer has the same tokens with and without
        // the question before it.
        var (answer, labels) = Answer(" " + output);
        var ambiguous = instruction.Contains($" {config.Assistant}: ", StringComparison.Ordinal)
            || output.Contains($" {config.Assistant}: ", StringComparison.Ordinal);
        return (
            [.. question, .. answer, end],
            [.. Ignored(question.Length), .. ambiguous ? Ignored(answer.Count + 1) : [.. labels, end]]);
    }

    /// <summary>
    /// Stage 1 (alignment): the music and its caption, which a line feed ends. No instruction, no system text.
    /// </summary>
    public (int[] Ids, int[] Labels) ForCaption(string output)
    {
        var caption = tokenizer.Encode(output + "\n");
        return ([begin, ModelConfig.MusicToken, .. caption], [.. Ignored(2), .. caption]);
    }

    /// <summary>Untrusted text as <see cref="Quotation.Of"/> marks it, with this prompt's role names.</summary>
    public string Quote(string text) => Quotation.Of(text, config.User, config.Assistant);

    private int[] BeforeMusic() =>
    [
        begin, .. tokenizer.Encode(config.System.Length == 0 ? $"{config.User}: " : $"{config.System} {config.User}: ")
    ];

    /// <summary>
    /// One placeholder for each track, a line feed between two. The line feed after the last
    /// belongs to the instruction.
    /// </summary>
    private IEnumerable<int> Music(int tracks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tracks);
        for (var track = 0; track < tracks; track++)
        {
            if (track > 0)
            {
                foreach (var id in tokenizer.Encode("\n")) yield return id;
            }
            yield return ModelConfig.MusicToken;
        }
    }

    private (List<int> Ids, List<int> Labels) Answer(string text)
    {
        var (ids, labels, start) = (new List<int>(), new List<int>(), 0);
        void Add(string part, bool ignored)
        {
            var added = tokenizer.Encode(part);
            ids.AddRange(added);
            labels.AddRange(ignored ? Ignored(added.Length) : added);
        }
        // A value begins with a space and is followed by one, so no word of the pre-tokenizer crosses its ends.
        foreach (var value in ToolLoop.Values(text))
        {
            Add(text[start..value.Start], ignored: false);
            Add(text[value], ignored: true);
            start = value.End.Value;
        }
        Add(text[start..], ignored: false);
        return (ids, labels);
    }

    private string AfterMusic(string instruction) => $"\n{instruction} {config.Assistant}:";

    private static IEnumerable<int> Ignored(int count) => Enumerable.Repeat(ModelConfig.IgnoredLabel, count);
}
