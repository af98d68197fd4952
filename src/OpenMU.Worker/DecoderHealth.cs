using Microsoft.Extensions.Logging;
using OpenMU.Mir.Audio;

namespace OpenMU.Worker;

/// <summary>Whether this machine can decode at all: a sound of our own making is decoded.</summary>
/// <param name="limits">As files are decoded.</param>
/// <param name="time">Tells how long to wait between two proofs.</param>
/// <param name="log">Told when it fails and when it works again.</param>
internal sealed class DecoderHealth(DecodeLimits limits, TimeProvider time, ILogger log)
    : MachinePart("The decoder", time, log)
{
    // A file can make a decoder fail too, so only the proof tells.
    public override async Task<bool> IsToBlameAsync(Exception failure) =>
        failure is DecoderUnavailableException && !await ProveAsync(CancellationToken.None);

    protected override Task<string?> FindProblemAsync(CancellationToken cancel) =>
        DecoderCheck.FindProblemAsync(limits, cancel);
}
