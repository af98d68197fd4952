using OpenMU.Catalogue.Jobs;

namespace OpenMU.Catalogue.Tracks;

/// <summary>Where a track stands: as its job does (<see cref="JobState"/>), as long as its file is there.</summary>
public enum TrackState
{
    /// <summary>Waits for a worker.</summary>
    Queued,

    /// <summary>A worker is at it.</summary>
    Analysing,

    /// <summary>Its analysis is there.</summary>
    Ready,

    /// <summary>All tries failed although the file looks sound.</summary>
    Failed,

    /// <summary>The file cannot be used.</summary>
    Rejected,

    /// <summary>
    /// The file was deleted. What is known about it is kept for a while, for the file may come back; searches show it
    /// only when asked for this state.
    /// </summary>
    Missing,
}
