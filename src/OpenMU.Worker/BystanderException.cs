namespace OpenMU.Worker;

/// <summary>
/// A job's work was ended together with another one's, so that nobody knows which of them is to blame: each is tried
/// again, alone.
/// </summary>
internal sealed class BystanderException(Exception cause)
    : Exception("The work was ended together with another job's.", cause);
