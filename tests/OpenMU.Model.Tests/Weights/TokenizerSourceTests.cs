namespace OpenMU.Model.Tests.Weights;

/// <summary>What tokenizer.json and tokenizer_config.json may say.</summary>
public sealed class TokenizerSourceTests : IDisposable
{
    private readonly ForeignFolders folders = new();

    public void Dispose() => folders.Dispose();

    [Theory]
    [InlineData(
        """{"chat_template": "{{ messages }}", "clean_up_tokenization_spaces": true, "model_max_length": 1000000000000000019884624838656}""")]
    [InlineData(
        """{"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": {"content": "<|begin_of_text|>"}, "added_tokens_decoder": {}}""")]
    [InlineData(
        """{"added_tokens_decoder": {"504": {"content": "<|begin_of_text|>", "lstrip": false, "normalized": false, "special": true}}}""")]
    public void What_only_shapes_chats_and_batches_is_accepted(string config)
    {
        folders.WriteTokenizerConfig(config);
        using var conversion = ForeignFolders.Open(folders.Sources());
        conversion.Config.Llama.BosTokenId.Should().Be(504);
    }

    [Theory]
    [InlineData("""{"add_prefix_space": true}""", "add_prefix_space true", "accepted: false")]
    [InlineData(
        """{"tokenizer_class": "GPT2Tokenizer"}""", "tokenizer_class \"GPT2Tokenizer\"",
        "accepted: PreTrainedTokenizerFast")]
    [InlineData(
        """{"added_tokens_decoder": {"7": {"content": "<|begin_of_text|>"}}}""",
        "added_tokens_decoder.7.content \"<|begin_of_text|>\"", "in which it is 504")]
    [InlineData(
        """{"added_tokens_decoder": {"9": {"content": "<music>"}}}""",
        "added_tokens_decoder.9.content \"<music>\"", "no added token")]
    [InlineData(
        """{"added_tokens_decoder": {"504": {"content": "<|begin_of_text|>", "lstrip": true}}}""",
        "added_tokens_decoder.504.lstrip true", "accepted: false")]
    [InlineData("""{"language_codes": "nllb"}""", "language_codes \"nllb\"", "known here")]
    public void What_changes_the_tokens_of_a_text_is_refused(string config, string said, string accepted)
    {
        folders.WriteTokenizerConfig(config);
        ForeignFolders.ShouldBeRefused(folders.Sources(), "tokenizer_config.json", said, accepted);
    }

    [Theory]
    [InlineData("post_processor", """{"type": "TemplateProcessing", "single": []}""")]
    [InlineData("truncation", """{"max_length": 512}""")]
    [InlineData("model/unk_token", "\"<unk>\"")]
    [InlineData("model/dropout", "0.0")]
    [InlineData("added_tokens/0/normalized", "true")]
    public void Settings_of_tokenizer_json_that_change_no_token_are_accepted(string key, string json)
    {
        ForeignFolders.Change(folders.Tokenizer, (key, json));
        using var conversion = ForeignFolders.Open(folders.Sources());
        conversion.Config.Llama.BosTokenId.Should().Be(504);
    }

    [Theory]
    [InlineData("normalizer", """{"type": "NFKC"}""", "normalizer.type \"NFKC\"", "accepted: NFC")]
    [InlineData("model/dropout", "0.1", "model.dropout 0.1", "accepted: 0")]
    [InlineData("model/byte_fallback", "true", "model.byte_fallback true", "accepted: false")]
    [InlineData("model/end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix \"</w>\"", "accepted: null or empty")]
    [InlineData("model/type", "\"Unigram\"", "model.type \"Unigram\"", "accepted: BPE")]
    [InlineData(
        "pre_tokenizer/pretokenizers/2", """{"type": "Digits", "individual_digits": true}""",
        "pre_tokenizer.pretokenizers", "a Split step, then a ByteLevel step")]
    [InlineData(
        "pre_tokenizer/pretokenizers/0/behavior", "\"Removed\"", "pre_tokenizer.pretokenizers[0].behavior \"Removed\"",
        "accepted: Isolated")]
    [InlineData(
        "pre_tokenizer/pretokenizers/1/use_regex", "true",
        "pre_tokenizer.pretokenizers[1].use_regex true", "accepted: false")]
    [InlineData("decoder/type", "\"Metaspace\"", "decoder.type \"Metaspace\"", "accepted: ByteLevel")]
    [InlineData("added_tokens/1/rstrip", "true", "added_tokens[1].rstrip true", "accepted: false")]
    [InlineData("model/window", "7", "model.window 7", "known here")]
    public void Settings_of_tokenizer_json_that_change_tokens_are_refused(
        string key, string json, string said, string accepted)
    {
        ForeignFolders.Change(folders.Tokenizer, (key, json));
        ForeignFolders.ShouldBeRefused(folders.Sources(), "tokenizer.json", said, accepted);
    }
}
