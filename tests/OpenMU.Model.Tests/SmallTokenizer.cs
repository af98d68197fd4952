namespace OpenMU.Model.Tests;

/// <summary>A tokenizer without merges for models with a small vocabulary: one token for each byte, and the two specials of a prompt.</summary>
internal static class SmallTokenizer
{
    public static Tokenizer Of(LlamaConfig config)
        => new([.. Enumerable.Range(0, 256).Select(value => (new[] { (byte)value }, value))], new Dictionary<string, int> { [Tokenizer.BeginOfText] = config.BosTokenId, [new PromptConfig().EndOfAnswer] = config.StopTokenIds[0] });
}
