// Decoding.cs - the state of one text during generation: one sequence, or several beams.
using OpenMU.Model.Decoder;

namespace OpenMU.Model.Generation;

/// <summary>A finished text.</summary>
/// <param name="Tokens">New tokens, the stop token included.</param>
/// <param name="Score">Its log-probability divided by length^penalty; 0 without beam search.</param>
public sealed record Hypothesis(IReadOnlyList<int> Tokens, double Score);

/// <summary>
/// Takes the logits of each step and chooses the tokens of the next one, with the cache that each belongs to.
/// </summary>
internal abstract class Decoding : IDisposable
{
    /// <summary>The unfinished sequences, each with the tokens that the model processes next.</summary>
    public abstract IReadOnlyList<(KvCache Cache, IReadOnlyList<int> Tokens)> Next { get; }

    public abstract bool Finished { get; }

    /// <summary>Finished texts, best first.</summary>
    public abstract IReadOnlyList<Hypothesis> Hypotheses { get; }

    /// <summary>
    /// One row of logits (V) for each sequence of <see cref="Next"/>; the first time one row, for the prompt.
    /// </summary>
    public abstract void Accept(IReadOnlyList<ReadOnlyMemory<float>> logits);

    public abstract void Dispose();
}

/// <summary>One sequence, greedy or sampled.</summary>
internal sealed class SampledDecoding(GenerationRequest request, IReadOnlyList<int> stopIds) : Decoding
{
    private readonly KvCache cache = request.Cache!;
    private readonly GenerationOptions options = request.Options;
    private readonly Random random = new(request.Options.Seed);
    private List<int> tokens = [];
    private int chosen;

    /// <summary>
    /// The tokens that are not in the cache yet: the last one, or several after a token hook changed the text.
    /// </summary>
    public override IReadOnlyList<(KvCache Cache, IReadOnlyList<int> Tokens)> Next =>
        [(cache, tokens[(cache.Length - request.PromptLength)..])];

    public override bool Finished => chosen > 0 && (chosen == options.MaxNewTokens || stopIds.Contains(tokens[^1]));

    public override IReadOnlyList<Hypothesis> Hypotheses => [new(tokens, 0)];

    public override void Accept(IReadOnlyList<ReadOnlyMemory<float>> logits)
    {
        tokens.Add(options.Temperature == 0
            ? Sampler.Greedy(logits[0].Span, tokens, options.Veto)
            : Sampler.Sample(logits[0].Span, options, random));
        chosen++;
        request.OnToken?.Invoke(tokens[^1]);
        if (!Finished && request.TokenHook?.Invoke(tokens) is { Count: > 0 } revised) Replace([.. revised]);
    }

    public override void Dispose() => cache.Dispose();

    /// <summary>
    /// The cache is kept up to the first difference. A replacement that leaves no room for the tokens still
    /// to be chosen is ignored.
    /// </summary>
    private void Replace(List<int> revised)
    {
        if (revised.Count - chosen > options.MaxInsertedTokens) return;
        var agreed = tokens.Zip(revised).TakeWhile(pair => pair.First == pair.Second).Count();
        cache.Truncate(Math.Min(cache.Length, request.PromptLength + Math.Min(agreed, revised.Count - 1)));
        tokens = revised;
    }
}

/// <summary>
/// Beam search with the results of Hugging Face's transformers 4.37 (BeamSearchScorer): at least twice as many
/// candidates as beams are ranked, a stop token ends a beam only if its rank is below the number of beams, and the
/// length of a finished beam includes its stop token.
/// </summary>
internal sealed class BeamDecoding : Decoding
{
    private readonly GenerationOptions options;
    private readonly IReadOnlyList<int> stopIds;
    private readonly int promptLength;
    private readonly KvCache[] caches;
    private readonly List<Hypothesis> finished = [];
    private List<int>[] beams;
    private double[] scores;
    private bool started, done;

    /// <param name="cache">The prompt's KV cache; it becomes the first beam's.</param>
    /// <param name="options">How many beams, and when they end.</param>
    /// <param name="stopIds">Tokens that end a beam.</param>
    /// <param name="promptLength">Positions of the prompt, where all beams are equal.</param>
    public BeamDecoding(KvCache cache, GenerationOptions options, IReadOnlyList<int> stopIds, int promptLength)
    {
        (this.options, this.stopIds, this.promptLength) = (options, stopIds, promptLength);
        caches = [cache, .. new KvCache[options.Beams - 1]];
        beams = [.. Enumerable.Range(0, options.Beams).Select(_ => new List<int>())];
        scores = new double[options.Beams];
    }

    public override IReadOnlyList<(KvCache Cache, IReadOnlyList<int> Tokens)> Next =>
        [.. caches.Select((cache, i) => (cache, (IReadOnlyList<int>)beams[i][^1..]))];

    public override bool Finished => done || beams[0].Count == options.MaxNewTokens;

    public override IReadOnlyList<Hypothesis> Hypotheses
    {
        get
        {
            var all = new List<Hypothesis>(finished);
            if (!done)
            {
                for (var i = 0; i < beams.Length; i++) AddHypothesis(all, beams[i], scores[i], beams[i].Count);
            }
            return [.. all.OrderByDescending(hypothesis => hypothesis.Score)];
        }
    }

    public override void Accept(IReadOnlyList<ReadOnlyMemory<float>> logits)
    {
        var candidates = TopCandidates(logits);
        var parents = new List<int>();
        var next = new List<List<int>>();
        var nextScores = new List<double>();
        foreach (var (rank, (beam, token, score)) in candidates.Index())
        {
            if (stopIds.Contains(token))
            {
                if (rank < options.Beams)
                    AddHypothesis(finished, [.. beams[beam], token], score, beams[beam].Count + 1);
                continue;
            }
            parents.Add(beam);
            next.Add([.. beams[beam], token]);
            nextScores.Add(score);
            if (next.Count == options.Beams) break;
        }
        done = IsDone(candidates[0].Score, next[0].Count);
        if (!done) ReorderCaches(parents);
        (beams, scores) = ([.. next], [.. nextScores]);
    }

    public override void Dispose()
    {
        foreach (var cache in caches) cache?.Dispose();
    }

    /// <summary>
    /// The best continuations over all beams, best first: enough to fill all beams even if every
    /// stop token is among them.
    /// </summary>
    private List<(int Beam, int Token, double Score)> TopCandidates(IReadOnlyList<ReadOnlyMemory<float>> logits)
    {
        var wanted = Math.Max(2, 1 + stopIds.Count) * options.Beams;
        var best = new PriorityQueue<(int Beam, int Token, double Score), double>();
        for (var beam = 0; beam < logits.Count; beam++)
        {
            var row = logits[beam].Span;
            var normaliser = LogSumExp(row);
            for (var token = 0; token < row.Length; token++)
            {
                var score = scores[beam] + row[token] - normaliser;
                if (best.Count < wanted) best.Enqueue((beam, token, score), score);
                else if (score > best.Peek().Score) best.DequeueEnqueue((beam, token, score), score);
            }
        }
        return [.. best.UnorderedItems.Select(item => item.Element).OrderByDescending(candidate => candidate.Score)];
    }

    /// <summary>
    /// Beam i continues beam parents[i]: a cache that no beam continues receives a copy of one that
    /// several beams continue.
    /// </summary>
    private void ReorderCaches(List<int> parents)
    {
        if (!started)
        {
            for (var i = 1; i < caches.Length; i++) caches[i] = caches[0].Fork(caches[0].Capacity);
            started = true;
            return;
        }
        var free = new Queue<KvCache>(caches.Where((_, i) => !parents.Contains(i)));
        var reordered = new KvCache[caches.Length];
        for (var i = 0; i < reordered.Length; i++)
        {
            var parent = caches[parents[i]];
            if (parents.IndexOf(parents[i]) == i)
            {
                reordered[i] = parent;
                continue;
            }
            reordered[i] = free.Dequeue();
            reordered[i].CopyFrom(parent, promptLength);
        }
        reordered.CopyTo(caches, 0);
    }

    private void AddHypothesis(List<Hypothesis> hypotheses, IReadOnlyList<int> tokens, double sum, int length)
    {
        var score = sum / Math.Pow(length, options.LengthPenalty);
        if (hypotheses.Count == options.Beams)
        {
            var worst = hypotheses.MinBy(hypothesis => hypothesis.Score)!;
            if (score <= worst.Score) return;
            hypotheses.Remove(worst);
        }
        hypotheses.Add(new(tokens, score));
    }

    private bool IsDone(double bestSum, int length)
    {
        if (finished.Count < options.Beams) return false;
        if (options.EarlyStopping == EarlyStopping.Always) return true;
        var longest = options.EarlyStopping == EarlyStopping.Never && options.LengthPenalty > 0
            ? options.MaxNewTokens
            : length;
        return finished.Min(hypothesis => hypothesis.Score) >= bestSum / Math.Pow(longest, options.LengthPenalty);
    }

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        var largest = logits[Sampler.ArgMax(logits)];
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - largest);
        return largest + Math.Log(sum);
    }
}
