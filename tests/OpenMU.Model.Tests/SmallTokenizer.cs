using OpenMU.Model.Families;
using OpenMU.Model.Text;

namespace OpenMU.Model.Tests;

/// <summary>
/// A tokenizer without merges for models with a small vocabulary: one token for each byte, and the
/// two specials of a prompt.
/// </summary>
internal static class SmallTokenizer
{
    public static Tokenizer Of(LlamaConfig config) => Of(config.BosTokenId, config.StopTokenIds[0]);

    public static Tokenizer Of(int begin, int end)
    {
        var ids = Enumerable.Range(0, 258).Where(id => id != begin && id != end).Take(256);
        return new(
            [.. ids.Select((id, value) => (new[] { (byte)value }, id))],
            new Dictionary<string, int> { [Tokenizer.BeginOfText] = begin, [new PromptConfig().EndOfAnswer] = end });
    }
}
