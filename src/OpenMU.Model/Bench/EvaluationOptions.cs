namespace OpenMU.Model.Bench;

/// <summary>What an evaluation takes in.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Ask everything again about white noise and silence.</summary>
    public bool Controls { get; init; }

    /// <summary>Answer everything again without music, with the most frequent answer and with the nearest neighbour's; the last two need <see cref="Training"/>.</summary>
    public bool Baselines { get; init; }

    /// <summary>What baselines learn from.</summary>
    public IReadOnlyList<EvaluationClip> Training { get; init; } = [];

    /// <summary>Longest answer in tokens.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Threads that read and transform sound.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Folder of WordNet's database; where there is none, METEOR is scored without synonyms and named so.</summary>
    public string WordNetFolder { get; init; } = WordNet.Folder;

    /// <summary>The measures that compare texts by their words; the rest is quicker without them.</summary>
    public bool TextMeasures { get; init; } = true;
}
