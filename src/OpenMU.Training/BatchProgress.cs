namespace OpenMU.Training;

/// <summary>How far a batch of files has come.</summary>
/// <param name="Total">All files of the batch.</param>
/// <param name="Ready">Files that are done.</param>
/// <param name="Failed">Files that could not be processed because of an error of ours.</param>
/// <param name="Rejected">Files that are at fault themselves.</param>
public readonly record struct BatchProgress(int Total, int Ready, int Failed, int Rejected)
{
    public int Handled => Ready + Failed + Rejected;

    public bool Finished => Handled >= Total;
}
