namespace OpenMU.Catalogue.Tracks;

/// <summary>
/// Seconds that a worker spent on a track, by stage, from the claim that led to the result. Where a model works on
/// several tracks at once, each counts the time that it was in work.
/// </summary>
public sealed class StageSeconds
{
    public double Download { get; set; }

    public double Decode { get; set; }

    public double Measure { get; set; }

    public double Encode { get; set; }

    public double Generate { get; set; }

    /// <summary>All of them.</summary>
    public double Sum => Download + Decode + Measure + Encode + Generate;

    internal void Add(JobStage stage, TimeSpan time)
    {
        switch (stage)
        {
            case JobStage.Download: Download += time.TotalSeconds; break;
            case JobStage.Decode: Decode += time.TotalSeconds; break;
            case JobStage.Measure: Measure += time.TotalSeconds; break;
            case JobStage.Encode: Encode += time.TotalSeconds; break;
            case JobStage.Generate: Generate += time.TotalSeconds; break;
        }
    }
}
