// Prompt.cs - the published chat format (Vicuna's, not Llama 3's own) around the music. Its pieces between the music are tokenised apart.
using System.Globalization;
using System.Text.RegularExpressions;
using OpenMU.Model.Families;

namespace OpenMU.Model.Text;

/// <summary>
/// Prompts as OpenMU was trained with: SYSTEM, " USER: ", the music, a line end, the instruction, " ASSISTANT:", and then the answer with a
/// space before it and the end-of-answer token behind it. Names of special tokens in instructions and answers are words like others.
/// </summary>
public sealed class Prompt(PromptConfig config, Tokenizer tokenizer)
{
    private readonly int begin = tokenizer.IdOf(config.BeginOfText), end = tokenizer.IdOf(config.EndOfAnswer);

    /// <summary>Ids up to the colon after which the answer is written; the instruction is taken as it is.</summary>
    public int[] ForAnswer(string instruction, int tracks = 1) => [.. BeforeMusic(), .. Music(tracks), .. tokenizer.Encode(AfterMusic(instruction))];

    /// <summary>
    /// Instruction and answer; labels on the answer and on the token that ends it. Text that imitates the answer's beginning cannot be told from
    /// it, and such a record teaches nothing: its labels are all ignored, as in the reference. Where an answer holds a tool's result
    /// (" [F2() → 117.6 ]", beyond the reference), the value is ignored too: the model is to ask for it, not to guess it.
    /// </summary>
    public (int[] Ids, int[] Labels) ForTraining(string instruction, string output, int tracks = 1)
    {
        int[] question = [.. BeforeMusic(), .. Music(tracks), .. tokenizer.Encode(AfterMusic(instruction.Trim()))];
        // No word crosses the colon, so the answer's tokens are the same whether or not the question stands before them.
        var (answer, labels) = Answer(" " + output);
        var imitated = instruction.Contains($" {config.Assistant}: ", StringComparison.Ordinal) || output.Contains($" {config.Assistant}: ", StringComparison.Ordinal);
        return ([.. question, .. answer, end], [.. Ignored(question.Length), .. imitated ? Ignored(answer.Count + 1) : [.. labels, end]]);
    }

    /// <summary>Stage 1: the music and its caption, which a line end closes. No instruction, no system text.</summary>
    public (int[] Ids, int[] Labels) ForCaption(string output)
    {
        var caption = tokenizer.Encode(output + "\n");
        return ([begin, OpenMuConfig.MusicToken, .. caption], [.. Ignored(2), .. caption]);
    }

    /// <summary>
    /// Text that comes with a track, such as lyrics or a title, marked line by line as a quotation: what it says is no instruction. Words that
    /// imitate a turn lose their colon; characters that show nothing or turn the direction of writing are left out.
    /// </summary>
    public string Quote(string text)
    {
        var roles = $@"\b({Regex.Escape(config.User)}|{Regex.Escape(config.Assistant)})\s*:";
        var lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(line => "> " + string.Concat(line.Where(IsShown)));
        return Regex.Replace(string.Join('\n', lines), roles, "$1", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }

    private static bool IsShown(char letter) => char.GetUnicodeCategory(letter) != UnicodeCategory.Control && letter is not (>= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' or '\u200E' or '\u200F' or '\uFEFF');

    private int[] BeforeMusic() => [begin, .. tokenizer.Encode(config.System.Length == 0 ? $"{config.User}: " : $"{config.System} {config.User}: ")];

    /// <summary>One place for each track, a line end between two; the line end after the last belongs to the instruction.</summary>
    private IEnumerable<int> Music(int tracks)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tracks);
        for (var track = 0; track < tracks; track++)
        {
            if (track > 0)
            {
                foreach (var id in tokenizer.Encode("\n")) yield return id;
            }
            yield return OpenMuConfig.MusicToken;
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
        // A value begins with a space and a space follows it: no word crosses its ends.
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

    private static IEnumerable<int> Ignored(int count) => Enumerable.Repeat(OpenMuConfig.IgnoredLabel, count);
}
