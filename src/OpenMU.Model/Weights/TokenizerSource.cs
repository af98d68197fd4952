using OpenMU.Model.Families;
using OpenMU.Model.Text;

namespace OpenMU.Model.Weights;

/// <summary>
/// A published tokenizer: tokenizer.json or tokenizer.model, with a tokenizer_config.json where one lies beside it.
/// </summary>
internal static class TokenizerSource
{
    private const string ConfigFile = "tokenizer_config.json";

    /// <summary>
    /// Opens it, and requires that it fits the model and reads texts as the program that wrote it does.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// A file says something that is not done here, or the tokenizer does not fit; the message names it.
    /// </exception>
    public static Tokenizer Open(string file, ModelConfig config)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (Path.GetFileName(file) == TokenizerFile.Json) Check(file);
        var tokenizer = ModelFolder.ReadTokenizer(folder, config);
        CheckConfig(Path.Combine(folder, ConfigFile), tokenizer);
        return tokenizer;
    }

    private static void Check(string path)
    {
        var file = ForeignConfig.Read(path, ForeignConfigRules.TokenizerJson, TokenizerFile.MaximumBytes);
        file.Part("model", ForeignConfigRules.TokenizerModel);
        file.Part("normalizer", ForeignConfigRules.Normalizer);
        file.Part("decoder", ForeignConfigRules.TokenizerDecoder);
        var words = file.Part("pre_tokenizer", ForeignConfigRules.PreTokenizer);
        words?.Parts("pretokenizers", ForeignConfigRules.PreTokenizerStep);
        file.Parts("added_tokens", ForeignConfigRules.AddedToken);
    }

    private static void CheckConfig(string path, Tokenizer tokenizer)
    {
        if (ForeignConfig.ReadIfThere(path, ForeignConfigRules.TokenizerConfig) is not { } config) return;
        foreach (var (id, token) in config.Entries("added_tokens_decoder", ForeignConfigRules.AddedToken))
        {
            var content = token.Value("content")!.Value.GetString()!;
            var known = tokenizer.Specials.TryGetValue(content, out var number) ? $"{number}" : "no added token";
            if (known != id)
                throw token.Refusal("content", $"the tokenizer's own added tokens, in which it is {known}");
        }
    }
}
