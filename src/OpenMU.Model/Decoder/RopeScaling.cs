using OpenMU.Model.Families;
using static TorchSharp.torch;

namespace OpenMU.Model.Decoder;

/// <summary>
/// Llama 3.1's scaling of rotary positions: slow rotations, of which the first training never saw a whole turn, are
/// slowed by a factor, quick ones stay as they are, and between them the two are blended.
/// </summary>
internal static class RopeScaling
{
    /// <summary>
    /// Frequencies (d/2) in radians a position -> the scaled ones (d/2); Hugging Face's modeling_rope_utils.py.
    /// </summary>
    public static Tensor Apply(Tensor frequencies, RopeScalingConfig config)
        => tensor(frequencies.data<float>().Select(frequency => Scale(frequency, config)).ToArray());

    internal static float Scale(float frequency, RopeScalingConfig config)
    {
        var turns = config.OriginalMaxPositionEmbeddings * (double)frequency / (2 * Math.PI);  // in the original length
        if (turns > config.HighFreqFactor) return frequency;
        if (turns < config.LowFreqFactor) return (float)(frequency / config.Factor);
        var blend = (turns - config.LowFreqFactor) / (config.HighFreqFactor - config.LowFreqFactor);
        return (float)((1 - blend) * frequency / config.Factor + blend * frequency);
    }
}
