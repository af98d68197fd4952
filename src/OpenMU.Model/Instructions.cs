namespace OpenMU.Model;

/// <summary>What the product asks the model about each track.</summary>
public static class Instructions
{
    public const string Caption = "Give a short caption of this music.";
    public const string Description = "Describe this music in detail.";
}
