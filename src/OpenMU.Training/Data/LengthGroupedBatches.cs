// LengthGroupedBatches.cs - tokenised records on the device, and batches of about equally long ones: padding is
// computed and thrown away. N records, T longest, B records of a batch, t its longest, J target tokens of a
// batch, M music tokens.
using OpenMU.Model.Families;
using static TorchSharp.torch;

namespace OpenMU.Training.Data;

/// <summary>A tokenised record with the clip it is about.</summary>
/// <param name="Ids">Token ids with one music token.</param>
/// <param name="Labels">As many; <see cref="ModelConfig.IgnoredLabel"/> where there is no target.</param>
/// <param name="Clip">Index of the clip.</param>
internal sealed record TokenizedRecord(int[] Ids, int[] Labels, int Clip);

/// <summary>A batch on the device.</summary>
/// <param name="Ids">(B, t), padded with 0 at the end; the music token's place holds 0 too.</param>
/// <param name="Clips">Clips (B).</param>
/// <param name="TargetPositions">Where the target tokens are predicted from: indices into the flattened
/// spliced batch (J).</param>
/// <param name="Targets">The target tokens (J).</param>
internal sealed record TokenBatch(Tensor Ids, Tensor Clips, Tensor TargetPositions, Tensor Targets);

/// <summary>
/// All records of a stage. Their music token stands at one place, so that a batch is spliced by cutting it there.
/// </summary>
internal sealed class LengthGroupedBatches : IDisposable
{
    /// <summary>
    /// Records of this many batches are sorted by length together (the reference's length-grouped sampler).
    /// </summary>
    private const int GroupedBatches = 32;

    /// <summary>Batches are as long as a multiple of this, so that few sizes occur and memory is reused.</summary>
    private const int LengthStep = 16;

    private readonly Func<int, IReadOnlyList<TokenizedRecord>> draw;
    private readonly int batch, musicTokens;
    private readonly long seed;
    private readonly Device device;
    private Pass? current;
    private (int Pass, Task<IReadOnlyList<TokenizedRecord>> Rows) next;

    /// <param name="draw">
    /// The records of a pass, counted from 0: a function of its number, called from another thread while the pass
    /// before it is trained on. None may be longer than the model allows, see <see cref="Cut"/>. A pass always takes as
    /// many as the first one has.
    /// </param>
    /// <param name="musicTokens">M.</param>
    /// <param name="batch">B.</param>
    /// <param name="seed">Of the order.</param>
    /// <param name="device">Where batches are needed.</param>
    public LengthGroupedBatches(
        Func<int, IReadOnlyList<TokenizedRecord>> draw, int musicTokens, int batch, long seed, Device device)
    {
        (this.draw, this.musicTokens, this.batch, this.seed, this.device) = (draw, musicTokens, batch, seed, device);
        var first = draw(0);
        if (first.Count == 0) throw new ArgumentException("There are no records to train on.", nameof(draw));
        (Count, MusicAt) = (first.Count, Array.IndexOf(first[0].Ids, OpenMuConfig.MusicToken));
        next = (0, Task.FromResult(first));
    }

    /// <summary>Records of a pass.</summary>
    public int Count { get; }

    /// <summary>The music token's place in all records.</summary>
    public int MusicAt { get; }

    /// <summary>
    /// A record no longer than the model allows once its music is spliced in; its end is cut, as the reference does.
    /// </summary>
    public static TokenizedRecord Cut(TokenizedRecord row, int maxLength, int musicTokens)
    {
        var most = maxLength - musicTokens + 1;
        return row.Ids.Length <= most ? row : row with { Ids = row.Ids[..most], Labels = row.Labels[..most] };
    }

    /// <summary>The number-th batch of the run: a function of seed and number.</summary>
    public TokenBatch Batch(long number)
    {
        var perPass = (Count + batch - 1) / batch;
        var pass = (int)(number / perPass);
        if (current?.Number != pass)
        {
            current?.Dispose();
            current = new(this, pass, next.Pass == pass ? next.Rows.GetAwaiter().GetResult() : draw(pass));
            next = (pass + 1, Task.Run(() => draw(pass + 1)));
        }
        var part = current.Batches[(int)(number % perPass)];
        var chosen = current.Rows.narrow(0, part.FirstRow, part.RowCount);
        return new(current.Ids.narrow(1, 0, part.Length).index_select(0, chosen).to(int64), current.Clips
            .index_select(0, chosen),
            current.TargetPositions.narrow(0, part.FirstTarget, part.TargetCount),
            current.Targets.narrow(0, part.FirstTarget, part.TargetCount));
    }

    public void Dispose() => current?.Dispose();

    private sealed record Part(long FirstRow, long RowCount, long FirstTarget, long TargetCount, int Length);

    /// <summary>One pass over the records in its order, all of it on the device.</summary>
    private sealed class Pass : IDisposable
    {
        public Pass(LengthGroupedBatches owner, int number, IReadOnlyList<TokenizedRecord> drawn)
        {
            Number = number;
            if (drawn.Any(row => Array.IndexOf(row.Ids, OpenMuConfig.MusicToken) != owner.MusicAt || owner.MusicAt < 0))
                throw new InvalidDataException("The music must stand at the same place in all records.");
            var longest = drawn.Max(row => row.Ids.Length);
            // Another pass may have a record more or less; as many batches as in every pass are made of them.
            int[] order = [.. Enumerable.Repeat(
                Seeds.Permutation(owner.seed, 2L * number, drawn.Count),
                (owner.Count + drawn.Count - 1) / drawn.Count).SelectMany(once => once).Take(owner.Count)];
            int[][] batches = [.. order.Chunk(GroupedBatches * owner.batch)
                .SelectMany(group => group.OrderByDescending(i => drawn[i].Ids.Length).Chunk(owner.batch))];
            int[] turns = Seeds.Permutation(owner.seed, (2L * number) + 1, batches.Length);
            var (rows, positions, targets, parts) =
                (new List<long>(), new List<long>(), new List<long>(), new List<Part>());
            foreach (var chosen in turns.Select(turn => batches[turn]))
            {
                var length = Math.Min(
                    longest, (chosen.Max(i => drawn[i].Ids.Length) + LengthStep - 1) / LengthStep * LengthStep);
                var (firstRow, firstTarget) = (rows.Count, positions.Count);
                for (var r = 0; r < chosen.Length; r++)
                {
                    rows.Add(chosen[r]);
                    var labels = drawn[chosen[r]].Labels;
                    for (var at = owner.MusicAt + 1; at < labels.Length; at++)
                    {
                        if (labels[at] == OpenMuConfig.IgnoredLabel) continue;
                        // Behind the music a token stands M - 1 places later than in its record, and is predicted
                        // from the place before it.
                        positions.Add(r * (length + owner.musicTokens - 1L) + at + owner.musicTokens - 2);
                        targets.Add(labels[at]);
                    }
                }
                parts.Add(new(firstRow, rows.Count - firstRow, firstTarget, positions.Count - firstTarget, length));
            }
            Batches = parts;
            Tensor OnDevice(List<long> values) =>
                tensor(values.ToArray(), device: owner.device).DetachFromDisposeScope();
            (Rows, TargetPositions, Targets) = (OnDevice(rows), OnDevice(positions), OnDevice(targets));
            Clips = OnDevice([.. drawn.Select(row => (long)row.Clip)]);
            Ids = Matrix(drawn, longest, owner.MusicAt, owner.device);
        }

        public int Number { get; }

        public List<Part> Batches { get; }

        public Tensor Ids { get; }          // (N, T) int32

        public Tensor Clips { get; }        // (N)

        public Tensor Rows { get; }

        public Tensor TargetPositions { get; }

        public Tensor Targets { get; }

        public void Dispose()
        {
            foreach (var tensor in new[] { Ids, Clips, Rows, TargetPositions, Targets }) tensor.Dispose();
        }

        private static Tensor Matrix(IReadOnlyList<TokenizedRecord> rows, int width, int musicAt, Device device)
        {
            var matrix = new int[rows.Count * (long)width];
            for (var i = 0; i < rows.Count; i++)
            {
                rows[i].Ids.CopyTo(matrix, i * (long)width);
                matrix[i * (long)width + musicAt] = 0;
            }
            using var scope = NewDisposeScope();
            return tensor(matrix, [rows.Count, width], device: device).DetachFromDisposeScope();
        }
    }
}
