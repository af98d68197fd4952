namespace OpenMU.Music;

/// <summary>What a recording without music sounds like.</summary>
public enum OtherSound
{
    /// <summary>Nothing that could be heard.</summary>
    Silence,

    /// <summary>Somebody speaks.</summary>
    Speech,

    /// <summary>Noise: rain, wind, an engine.</summary>
    Noise,

    /// <summary>Anything else: steps, animals, doors.</summary>
    Other,
}

/// <summary>Whether there is music in a recording, as a model hears it.</summary>
/// <param name="Music">How sure it is of music, 0 to 1.</param>
/// <param name="Otherwise">What it sounds like where it is no music.</param>
public sealed record HeardSound(double Music, OtherSound Otherwise)
{
    /// <summary>Whether what is said about the recording may be about music.</summary>
    public bool IsMusic => Music >= 0.5;
}
