using CsCheck;
using Microsoft.EntityFrameworkCore;
using OpenMU.Catalogue.Fields;
using OpenMU.Catalogue.Jobs;
using OpenMU.Catalogue.Similarity;
using OpenMU.Catalogue.Tracks;
using OpenMU.Music;

namespace OpenMU.Catalogue.Tests.Similarity;

public sealed class SimilarTracksTests
{
    private const string Model = "model-1";

    private static readonly SimilarityWeights OnlySound = new(1, 0, 0, 0, 0);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_nearest_come_first_with_their_reasons_and_the_track_itself_is_not_among_them()
    {
        await using var file = await Shelf.WithAsync(
            Heard("a", [1, 0, 0], 120, "A minor", [("mood", "dark"), ("instrument", "piano")]),
            Heard("near", [0.9f, 0.1f, 0], 117.6, "A minor", [("mood", "dark"), ("instrument", "piano")]),
            Heard("double", [0.5f, 0.5f, 0], 240, "E minor"),
            Heard("far", [0, 0, 1], 95, "Eb major"));

        var answer = await new SimilarTracks(file.Factory).FindAsync("home", 1, new(), 10, Cancel);

        (answer.Outcome, answer.ModelVersion).Should().Be((SimilarOutcome.Done, Model));
        answer.Tracks.Select(track => track.FileName).Should().Equal("near", "double", "far");
        answer.Tracks[0].Reasons.Should()
            .Equal("sound 0.99", "tempo 2 % slower", "same key", "mood: dark", "instruments: piano");
        answer.Tracks[1].Reasons.Should().Equal("sound 0.71", "double tempo", "near key E minor");
        answer.Tracks[2].Reasons.Should().Equal("sound 0.00");
        answer.Tracks.Should().BeInDescendingOrder(track => track.Score);
    }

    [Fact]
    public async Task Only_tracks_of_the_same_tenant_and_model_whose_file_is_there_are_compared()
    {
        var gone = Heard("gone", [1, 0]);
        gone.MissingSince = Shelf.Noon;
        await using var file = await Shelf.WithAsync(
            Heard("a", [1, 0]), Heard("mine", [0, 1]), gone, Heard("theirs", [1, 0], tenant: "other"),
            Heard("new model", [1, 0, 0], model: "model-2"), Shelf.Ready("home", "unheard"));
        var similar = new SimilarTracks(file.Factory);

        (await NamesAsync(similar, 1)).Should().Equal("mine");
        (await similar.FindAsync("home", 4, new(), 10, Cancel)).Outcome.Should().Be(SimilarOutcome.NoTrack);
        (await similar.FindAsync("home", 6, new(), 10, Cancel)).Outcome.Should().Be(SimilarOutcome.NotHeard);
        (await similar.PathAsync("home", 1, 5, 3, Cancel)).Outcome.Should().Be(SimilarOutcome.OtherModel);
    }

    [Fact]
    public Task What_is_found_is_what_a_plain_scan_finds() =>
        (from sounds in EmbeddingIndexTests.Sounds(17).Array[2, 25]
         from count in Gen.Int[1, 30]
         from sound in Gen.Double[0.1, 1]
         from rest in Gen.Double[0, 1].Array[4]
         select (sounds, count, new SimilarityWeights(sound, rest[0], rest[1], rest[2], rest[3]))).SampleAsync(
            async sample =>
            {
                var (sounds, count, weights) = sample;
                await using var file = await Shelf.WithAsync(
                    [.. sounds.Select((one, i) => Heard($"{i}", one))]);
                var found = await new SimilarTracks(file.Factory).FindAsync("home", 1, weights, count, Cancel);

                var plain = sounds.Skip(1).Select(one => EmbeddingIndexTests.PlainScore(sounds[0], one, weights))
                    .OrderDescending().Take(count).ToArray();
                found.Tracks.Should().HaveCount(plain.Length);
                // Halves are stored, so the last digits differ.
                for (var i = 0; i < plain.Length; i++)
                    found.Tracks[i].Score.Should().BeApproximately(plain[i], 0.001);
            },
            iter: 8);

    [Fact]
    public async Task What_is_stored_replaced_deleted_and_put_right_later_is_followed()
    {
        await using var file = await Shelf.WithAsync(
            Heard("a", [1, 0], 120), Heard("b", [0.9f, 0.1f], 60), Heard("c", [0.5f, 0.5f], 170));
        var similar = new SimilarTracks(file.Factory);
        (await NamesAsync(similar, 1)).Should().Equal("b", "c");

        await using (var db = file.Open())
        {
            db.Add(Heard("d", [1, 0.01f], 100));
            await db.SaveChangesAsync(Cancel);
            (await NamesAsync(similar, 1)).Should().Equal("d", "b", "c");

            // As after an analysis that was made once more.
            await db.Analyses.Where(a => a.JobId == 2).ExecuteDeleteAsync(Cancel);
            (await db.TrackEmbeddings.CountAsync(e => e.JobId == 2, Cancel)).Should().Be(0);
            (await NamesAsync(similar, 1)).Should().Equal("d", "c");
            db.Add(new Analysis
            {
                JobId = 2,
                Codec = "flac",
                AnalysedAt = Shelf.Noon,
                Embedding = TrackEmbedding.Of(Model, [0, 1])
            });
            await db.SaveChangesAsync(Cancel);
            (await NamesAsync(similar, 1)).Should().Equal("d", "c", "b");

            var content = (await db.Jobs.SingleAsync(j => j.Id == 3, Cancel)).ContentId;
            var field = CatalogueField.Find(FieldNames.Bpm)!;
            db.Add(new Correction
            {
                Tenant = "home",
                ContentId = content,
                By = "x",
                At = Shelf.Noon,
                Version = 1,
                Fields = FieldSet.Empty.With(field, "120")
            });
            db.Add(new CorrectionChange
            {
                Tenant = "home",
                ContentId = content,
                Field = "bpm",
                By = "x",
                Via = "api",
                Batch = "1",
                At = Shelf.Noon
            });
            await db.SaveChangesAsync(Cancel);
        }

        var byTempo = await similar.FindAsync("home", 1, new(0, 1, 0, 0, 0), 1, Cancel);
        byTempo.Tracks.Should().ContainSingle().Which.Should()
            .Match<SimilarTrack>(track => track.FileName == "c" && track.Reasons[0] == "same tempo");
    }

    [Fact]
    public async Task A_path_leads_from_one_to_the_other_without_a_repeat()
    {
        var tracks = Enumerable.Range(0, 21).Select(i => Heard(
            $"{i:00}", [MathF.Cos(i * 0.07f), MathF.Sin(i * 0.07f)], 100 + i)).ToArray();
        await using var file = await Shelf.WithAsync(tracks);
        var similar = new SimilarTracks(file.Factory);

        var path = (await similar.PathAsync("home", 1, 21, 4, Cancel)).Tracks;

        path.Select(track => track.FileName).Should().Equal("00", "04", "08", "12", "16", "20");
        var all = (await similar.PathAsync("home", 1, 21, 60, Cancel)).Tracks.Select(track => track.FileName).ToArray();
        all.Should().OnlyHaveUniqueItems().And.HaveCount(21);
        (all[0], all[^1]).Should().Be(("00", "20"));
    }

    [Fact]
    public async Task Near_duplicates_sound_alike_and_are_as_long_to_a_second()
    {
        await using var file = await Shelf.WithAsync(
            Heard("song.flac", [1, 0, 0.01f], seconds: 200), Heard("song.mp3", [1, 0.01f, 0], seconds: 200.4),
            Heard("remix", [1, 0, 0], seconds: 203), Heard("other", [0, 1, 0], seconds: 200),
            Heard("theirs", [1, 0, 0], seconds: 200, tenant: "other"));

        var pairs = await new SimilarTracks(file.Factory).NearDuplicatesAsync("home", cancel: Cancel)
            .ToListAsync(Cancel);

        pairs.Should().ContainSingle();
        (pairs[0].First.FileName, pairs[0].Second.FileName).Should().Be(("song.flac", "song.mp3"));
        pairs[0].Sound.Should().BeGreaterThan(0.99);
    }

    [Fact]
    public async Task Many_ask_at_once_while_tracks_come()
    {
        await using var file = await Shelf.WithAsync(Heard("a", [1, 0]), Heard("b", [0, 1]));
        var similar = new SimilarTracks(file.Factory);
        var asking = Enumerable.Range(0, 8).Select(_ => Task.Run(() => NamesAsync(similar, 1), Cancel)).ToArray();
        await using (var db = file.Open())
        {
            db.AddRange(Enumerable.Range(0, 30).Select(i => Heard($"{i}", [1, i])));
            await db.SaveChangesAsync(Cancel);
        }

        foreach (var names in await Task.WhenAll(asking)) names.Should().Contain("b").And.OnlyHaveUniqueItems();
        (await NamesAsync(similar, 1)).Should().HaveCount(31);
    }

    [Fact]
    public async Task An_analysis_and_its_embedding_are_stored_together()
    {
        await using var file = await Shelf.WithAsync(Shelf.Other("home", "a", JobState.Queued));
        var ledger = new JobLedger(file.Factory, TimeProvider.System);
        var claim = ((ClaimAnswer.Granted)await ledger.ClaimAsync(1, TimeSpan.FromMinutes(1), Cancel)).Claim;
        Analysis Of(float[] vector) => new()
        {
            Codec = "flac",
            AnalysedAt = Shelf.Noon,
            Embedding = TrackEmbedding.Of(Model, vector)
        };

        (await ledger.CommitAsync(claim with { Fence = 9 }, Of([1, 0]), Cancel)).Should().BeFalse("it is another's");
        (await ledger.CommitAsync(claim, Of([0, 1]), Cancel)).Should().BeTrue();

        await using var db = file.Open();
        (await db.TrackEmbeddings.SingleAsync(Cancel)).ToArray().Should().Equal(0, 1);
    }

    private static Track Heard(
        string name, float[] vector, double? bpm = null, string? key = null, (string Group, string Tag)[]? tags = null,
        string tenant = "home", string model = Model, double seconds = 100) =>
        Shelf.Ready(tenant, name, analysis =>
        {
            analysis.Bpm = bpm;
            analysis.Key = MusicalKey.TryParse(key);
            analysis.DurationSeconds = seconds;
            analysis.Tags = [.. (tags ?? []).Select(tag => new TagScore(tag.Group, tag.Tag, 0.9))];
            analysis.Embedding = TrackEmbedding.Of(model, vector);
        });

    private static Track Heard(string name, SoundFacts sound) => Heard(
        name, [.. sound.Vector], sound.Bpm, sound.Key?.Name,
        [.. sound.Moods.Select(word => ("mood", word)), .. sound.Instruments.Select(word => ("instrument", word))]);

    private static async Task<string[]> NamesAsync(SimilarTracks similar, long track) =>
        [.. (await similar.FindAsync("home", track, OnlySound, 100, Cancel)).Tracks.Select(found => found.FileName)];
}
