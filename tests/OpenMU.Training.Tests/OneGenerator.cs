namespace OpenMU.Training.Tests;

/// <summary>
/// Training draws from torch's one generator, which is seeded for each step: nothing else may draw at the same time.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneGenerator
{
    public const string Name = "one generator";
}
