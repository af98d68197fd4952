namespace OpenMU.Training;

/// <summary>How far a run has come, counted in files.</summary>
public readonly record struct Tally(int Total, int Ready, int Failed, int Rejected)
{
    public int Handled => Ready + Failed + Rejected;

    public bool Finished => Handled >= Total;
}
