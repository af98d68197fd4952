using OpenMU.Model.Text;
using OpenMU.Training.Evaluation.Text;

namespace OpenMU.Training.Evaluation;

/// <summary>What an evaluation takes in.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Ask everything again about white noise and silence.</summary>
    public bool Controls { get; init; }

    /// <summary>Answer everything again without music, with the most frequent answer and with the nearest neighbour's; the last two need <see cref="Training"/>.</summary>
    public bool Baselines { get; init; }

    /// <summary>The tools on a clip, called from several threads: captions are asked for once more, told what was measured, as the product asks. Null leaves that out.</summary>
    public Func<EvaluationClip, ToolCallback>? Tools { get; init; }

    /// <summary>What baselines learn from.</summary>
    public IReadOnlyList<EvaluationClip> Training { get; init; } = [];

    /// <summary>Longest answer in tokens.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Threads that read and transform sound.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Folder of WordNet's database; where there is none, METEOR is scored without synonyms and named so.</summary>
    public string WordNetFolder { get; init; } = WordNet.Folder;

    /// <summary>A language model that compares texts by their meaning; null leaves that measure out. It belongs to the caller.</summary>
    public BertScore? BertScore { get; init; }

    /// <summary>The measures that compare texts with the references; the rest is quicker without them.</summary>
    public bool TextMeasures { get; init; } = true;
}
