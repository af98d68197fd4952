namespace OpenMU.Model.Generation;

/// <summary>
/// When a beam search may end with unfinished beams: the three values of Hugging Face's <c>early_stopping</c>.
/// </summary>
public enum EarlyStopping
{
    /// <summary>False: when no unfinished beam can win at its present length.</summary>
    WhenUnlikely,

    /// <summary>True: as soon as as many hypotheses as beams are finished.</summary>
    Always,

    /// <summary>"never": only when no unfinished beam can win at any length.</summary>
    Never,
}

/// <summary>Whether a text may not go on with a token, though it is the likeliest one.</summary>
/// <param name="tokens">The text so far.</param>
/// <param name="next">The token that would follow.</param>
public delegate bool TokenVeto(IReadOnlyList<int> tokens, int next);

/// <summary>How the next token is chosen. The defaults are greedy decoding.</summary>
public sealed record GenerationOptions
{
    public int MaxNewTokens { get; init; } = 256;

    /// <summary>How many tokens a <see cref="TokenHook"/> may insert beyond <see cref="MaxNewTokens"/>.</summary>
    public int MaxInsertedTokens { get; init; }

    /// <summary>0 is greedy; above 0 tokens are sampled.</summary>
    public double Temperature { get; init; }

    /// <summary>Sample among this many most probable tokens; 0 for no limit.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Nucleus sampling: among the most probable tokens that together reach this probability; 1 for no limit.
    /// </summary>
    public double TopP { get; init; } = 1;

    /// <summary>A request samples the same tokens for the same seed, whatever other requests run beside it.</summary>
    public int Seed { get; init; }

    /// <summary>Tokens that end a text, of which they are the last token; null takes the model's own.</summary>
    public IReadOnlyList<int>? StopIds { get; init; }

    /// <summary>
    /// Refuses tokens in greedy decoding of one sequence; null refuses none. Where the model has no other word that is
    /// nearly as likely, it says what it wanted to say all the same.
    /// </summary>
    public TokenVeto? Veto { get; init; }

    public int Beams { get; init; } = 1;

    /// <summary>A beam's score is its log-probability / length^penalty.</summary>
    public double LengthPenalty { get; init; } = 1;

    public EarlyStopping EarlyStopping { get; init; }

    /// <exception cref="ArgumentException">A value is out of range, or two contradict each other.</exception>
    public void Validate()
    {
        if (MaxInsertedTokens < 0) throw new ArgumentException($"Room for {MaxInsertedTokens} tokens.");
        if (MaxNewTokens < 1) throw new ArgumentException($"{MaxNewTokens} new tokens.");
        if (!(Temperature >= 0) || !(TopP is > 0 and <= 1) || TopK < 0)
        {
            throw new ArgumentException($"Temperature {Temperature}, top-k {TopK}, top-p {TopP}: temperature and top-k "
                + "must not be negative, top-p lies in (0, 1].");
        }
        if (Beams < 1) throw new ArgumentException($"{Beams} beams.");
        if (Beams > 1 && Temperature > 0)
            throw new ArgumentException("A beam search does not draw: its temperature must be 0.");
    }
}

/// <summary>From logits to a token.</summary>
public static class Sampler
{
    // In nats. Further down a word only fills the place of another.
    private const float Reach = 5;

    /// <summary>The most probable token, or one sampled with the options' filters.</summary>
    public static int Sample(ReadOnlySpan<float> logits, GenerationOptions options, Random random)
    {
        if (options.Temperature == 0) return ArgMax(logits);
        var probabilities = Probabilities(logits, options);
        var threshold = random.NextDouble();
        var last = 0;
        for (var token = 0; token < probabilities.Length; token++)
        {
            if (probabilities[token] == 0) continue;
            last = token;
            threshold -= probabilities[token];
            if (threshold < 0) break;
        }
        return last;
    }

    /// <summary>
    /// The most probable token that is not refused, among those that are at least a 150th as likely as the first; where
    /// all of them are refused, the first.
    /// </summary>
    public static int Greedy(ReadOnlySpan<float> logits, IReadOnlyList<int> tokens, TokenVeto? veto)
    {
        var best = ArgMax(logits);
        if (veto is null || !veto(tokens, best)) return best;
        var others = new List<(int Token, float Logit)>();
        for (var token = 0; token < logits.Length; token++)
            if (token != best && logits[token] >= logits[best] - Reach) others.Add((token, logits[token]));
        foreach (var (token, _) in others.OrderByDescending(other => other.Logit))
            if (!veto(tokens, token)) return token;
        return best;
    }

    /// <summary>
    /// Softmax after temperature, then top-k, then top-p, as in Hugging Face's logits warpers; what they
    /// drop has probability 0.
    /// </summary>
    /// <param name="logits">One per token (V).</param>
    /// <param name="options">The filters; a temperature of 0 counts as 1.</param>
    /// <param name="keepAtLeast">How many tokens top-p keeps in any case (min_tokens_to_keep).</param>
    public static double[] Probabilities(ReadOnlySpan<float> logits, GenerationOptions options, int keepAtLeast = 1)
    {
        var scaled = new double[logits.Length];
        for (var i = 0; i < scaled.Length; i++)
            scaled[i] = logits[i] / (options.Temperature == 0 ? 1 : options.Temperature);
        var order = Enumerable.Range(0, scaled.Length).OrderByDescending(i => scaled[i]).ToArray();
        var kept = scaled.Length;
        if (options.TopK > 0 && options.TopK < kept)
        {
            var smallest = scaled[order[options.TopK - 1]];
            kept = Array.FindLastIndex(order, i => scaled[i] >= smallest) + 1;
        }
        var probabilities = Softmax(scaled, order, kept);
        if (options.TopP >= 1) return probabilities;

        // A token is dropped if its probability and those of all less probable tokens add up to at most 1 - p.
        var tail = 0.0;
        var survivors = kept;
        while (survivors > keepAtLeast && tail + probabilities[order[survivors - 1]] <= 1 - options.TopP)
            tail += probabilities[order[--survivors]];
        return Softmax(scaled, order, survivors);
    }

    /// <summary>The index of the largest logit, the first of several.</summary>
    internal static int ArgMax(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best]) best = i;
        }
        return best;
    }

    private static double[] Softmax(double[] scores, int[] order, int kept)
    {
        var probabilities = new double[scores.Length];
        var sum = 0.0;
        for (var i = 0; i < kept; i++) sum += probabilities[order[i]] = Math.Exp(scores[order[i]] - scores[order[0]]);
        for (var i = 0; i < kept; i++) probabilities[order[i]] /= sum;
        return probabilities;
    }
}
