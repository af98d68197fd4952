using OpenMU.Mir.Networks;

namespace OpenMU.Mir.Dsp;

/// <summary>
/// What the frames of a track say for and against a beat, made as sure of itself as so many beats should make it.
/// Frames count from the first that sounds.
/// </summary>
internal sealed class BeatEvidence
{
    private const double FramesOfBeat = 3.2;                    // the sum of the training target about one beat
    private const float Least = 0.003f, MaxShift = 6;

    private readonly float[] odds;                              // log odds of a beat

    /// <param name="beat">Probability of a beat in each frame.</param>
    /// <param name="frameRate">Frames a second.</param>
    /// <param name="bpm">About how many beats a minute there will be.</param>
    public BeatEvidence(ReadOnlySpan<float> beat, double frameRate, double bpm)
    {
        FrameRate = frameRate;
        odds = beat.ToArray();
        for (var t = 0; t < odds.Length; t++) odds[t] = LogOdds(Math.Clamp(odds[t], 1e-4f, 0.9999f));
        var shift = Shift(odds, FramesOfBeat * bpm / 60 * odds.Length / frameRate);
        for (var t = 0; t < odds.Length; t++)
            odds[t] = LogOdds(Math.Clamp(BeatNetwork.Sigmoid(odds[t] + shift), Least, 1 - Least));
    }

    public double FrameRate { get; }

    public int Frames => odds.Length;

    /// <summary>Log odds of a beat at a time in frames, between frames in a straight line.</summary>
    public float Odds(double frame)
    {
        var t = (int)Math.Clamp(frame, 0, odds.Length - 1);
        var part = (float)(frame - t);
        return part <= 0 || t + 1 == odds.Length ? odds[t] : odds[t] + part * (odds[t + 1] - odds[t]);
    }

    /// <summary>Log likelihood of a beat at a time in frames.</summary>
    public float Beat(double frame) => MathF.Log(BeatNetwork.Sigmoid(Odds(frame)));

    /// <summary>Log likelihood of no beat in a frame.</summary>
    public float Rest(int frame) => MathF.Log(BeatNetwork.Sigmoid(-odds[frame]));

    private static float LogOdds(float probability) => MathF.Log(probability / (1 - probability));

    // What to add to the log odds so that the probabilities sum to what so many beats would give: music unlike
    // that of the training set gets faint activations, whose peaks still stand in the right places.
    private static float Shift(float[] odds, double mass)
    {
        float low = 0, high = MaxShift;
        for (var i = 0; i < 12; i++)
        {
            var middle = (low + high) / 2;
            var sum = 0.0;
            foreach (var z in odds) sum += BeatNetwork.Sigmoid(z + middle);
            if (sum < mass) low = middle;
            else high = middle;
        }

        return low;
    }
}
