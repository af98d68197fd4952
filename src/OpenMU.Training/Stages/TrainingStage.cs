namespace OpenMU.Training.Stages;

/// <summary>The stages of training, in their order.</summary>
public enum TrainingStage
{
    /// <summary>Masked pre-training of the audio tower.</summary>
    Encoder,

    /// <summary>The audio tower with its tag head.</summary>
    Tags,

    /// <summary>Tokenizer and language model, from texts alone.</summary>
    Language,

    /// <summary>The projector, on captions: stage 1 of the paper.</summary>
    Align,

    /// <summary>Adapters (or the whole language model) and projector, on all tasks: stage 2 of the paper.</summary>
    Instruct,
}

/// <summary>Names of stages, for folders, logs and the command line.</summary>
public static class TrainingStages
{
    /// <summary>All stages in their order.</summary>
    public static IReadOnlyList<TrainingStage> All { get; } = Enum.GetValues<TrainingStage>();

    /// <summary>"encoder", "tags" and so on.</summary>
    public static string Name(this TrainingStage stage) => stage.ToString().ToLowerInvariant();

    /// <summary>The names of all stages, for messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(Name));

    /// <exception cref="ArgumentException">No stage has this name.</exception>
    public static TrainingStage Parse(string name)
        => All.Where(stage => stage.Name() == name).Cast<TrainingStage?>().FirstOrDefault()
            ?? throw new ArgumentException($"There is no stage '{name}': {Names}.", nameof(name));
}
