namespace OpenMU.Training.Tests;

/// <summary>Adapters and projector that our optimiser and schedule train end where peft and PyTorch ended.</summary>
public sealed class ReferenceTrainingTests
{
    private static readonly ReferenceTraining Plain = ReferenceTraining.Plain;
    private static readonly ReferenceTraining Variant = ReferenceTraining.Variant;

    private static readonly Dictionary<string, (ReferenceTraining Training, TrainingRecipe Recipe)> Faults = new()
    {
        ["beta1 a hundredth lower"] = (Plain, Plain.Recipe with { Beta1 = Plain.Recipe.Beta1 - 0.01 }),
        ["beta2 a thousandth lower"] = (Plain, Plain.Recipe with { Beta2 = Plain.Recipe.Beta2 - 0.001 }),
        ["betas exchanged"] = (Plain, Plain.Recipe with { Beta1 = Plain.Recipe.Beta2, Beta2 = Plain.Recipe.Beta1 }),
        ["decay where there is none"] = (Plain, Plain.Recipe with { WeightDecay = 0.01 }),
        ["clipping where there is none"] = (Plain, Plain.Recipe with { Clip = Plain.Norms.Order().First() * 0.9 }),
        ["rates exchanged"] = (Plain, Plain.Recipe with { SwapsRates = true }),
        ["schedule a step ahead"] = (Plain, Plain.Recipe with { StepsAhead = 1 }),
        ["beta1 a hundredth higher, clipped"] = (Variant, Variant.Recipe with { Beta1 = Variant.Recipe.Beta1 + 0.01 }),
        ["beta2 a thousandth lower, clipped"] = (Variant, Variant.Recipe with { Beta2 = Variant.Recipe.Beta2 - 0.001 }),
        ["epsilon a hundredfold"] = (Variant, Variant.Recipe with { Eps = Variant.Recipe.Eps * 100 }),
        ["no decay"] = (Variant, Variant.Recipe with { WeightDecay = 0 }),
        ["twice the decay"] = (Variant, Variant.Recipe with { WeightDecay = Variant.Recipe.WeightDecay * 2 }),
        ["no clipping"] = (Variant, Variant.Recipe with { Clip = null }),
        ["last row alone"] = (Variant, Variant.Recipe with { Accumulates = false }),
        ["losses summed"] = (Variant, Variant.Recipe with { DividesLoss = false }),
    };

    public static TheoryData<string> NamesOfFaults => [.. Faults.Keys];

    [Fact]
    public void The_schedule_is_that_of_the_reference()
    {
        var factors = Plain.Factors;
        var warmup = CosineSchedule.Warmup(Plain.WarmupRatio, factors.Length);
        for (var step = 0; step < factors.Length; step++)
        {
            CosineSchedule.Factor(step, factors.Length, warmup)
                .Should().BeApproximately(factors[step], 1e-9, $"step {step}");
        }
    }

    [Fact]
    public void Steps_end_at_the_reference_parameters() => ShouldEndAtTheReference(Plain);

    [Fact]
    public void Steps_with_decay_clipping_and_accumulation_end_at_the_reference_parameters()
        => ShouldEndAtTheReference(Variant);

    [Theory]
    [MemberData(nameof(NamesOfFaults))]
    public void A_training_with_a_fault_does_not_end_there(string fault)
    {
        var (training, recipe) = Faults[fault];
        training.Compare(training.Train(recipe)).Distance.Should().BeGreaterThan(1, fault);
    }

    private static void ShouldEndAtTheReference(ReferenceTraining training)
    {
        var (distance, where) = training.Compare(training.Train(training.Recipe));
        distance.Should().BeLessThan(1, where);
    }
}
