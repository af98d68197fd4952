using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenMU.Catalogue.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Jobs",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Tenant = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    ContentId = table.Column<string>(type: "TEXT", maxLength: 80, nullable: false),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    ModelVersion = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    Fence = table.Column<long>(type: "INTEGER", nullable: false),
                    Attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    IsSuspect = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    RestartedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    EnqueuedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    LeaseUntil = table.Column<DateTime>(type: "TEXT", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Jobs", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Provenance",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", unicode: false, fixedLength: true, maxLength: 32, nullable: false),
                    Fields = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Provenance", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Sweeps",
                columns: table => new
                {
                    Id = table.Column<int>(type: "INTEGER", nullable: false),
                    Marker = table.Column<string>(type: "TEXT", maxLength: 4000, nullable: true),
                    After = table.Column<string>(type: "TEXT", maxLength: 1024, nullable: true),
                    Listed = table.Column<long>(type: "INTEGER", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    FinishedAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Sweeps", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "TrackCounts",
                columns: table => new
                {
                    Tenant = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Camelot = table.Column<string>(type: "TEXT", maxLength: 4, nullable: false),
                    Tracks = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TrackCounts", x => new { x.Tenant, x.State, x.Camelot });
                });

            migrationBuilder.CreateTable(
                name: "Tracks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Tenant = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    BlobName = table.Column<string>(type: "TEXT", maxLength: 1024, nullable: false),
                    BlobKey = table.Column<string>(type: "TEXT", unicode: false, fixedLength: true, maxLength: 64, nullable: false),
                    ETag = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false),
                    FileName = table.Column<string>(type: "TEXT", maxLength: 782, nullable: false),
                    SizeBytes = table.Column<long>(type: "INTEGER", nullable: false),
                    UploadedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    MissingSince = table.Column<DateTime>(type: "TEXT", nullable: true),
                    JobId = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Tracks", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Tracks_Jobs_JobId",
                        column: x => x.JobId,
                        principalTable: "Jobs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Analyses",
                columns: table => new
                {
                    JobId = table.Column<long>(type: "INTEGER", nullable: false),
                    Title = table.Column<string>(type: "TEXT", nullable: true),
                    Artist = table.Column<string>(type: "TEXT", nullable: true),
                    Album = table.Column<string>(type: "TEXT", nullable: true),
                    DurationSeconds = table.Column<double>(type: "REAL", nullable: false),
                    Codec = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    SampleRate = table.Column<int>(type: "INTEGER", nullable: false),
                    Channels = table.Column<int>(type: "INTEGER", nullable: false),
                    Bpm = table.Column<double>(type: "REAL", nullable: true),
                    BpmConfidence = table.Column<double>(type: "REAL", nullable: true),
                    Metre = table.Column<int>(type: "INTEGER", nullable: true),
                    Key = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true),
                    KeyConfidence = table.Column<double>(type: "REAL", nullable: true),
                    Camelot = table.Column<string>(type: "TEXT", maxLength: 4, nullable: true),
                    OpenKey = table.Column<string>(type: "TEXT", maxLength: 4, nullable: true),
                    TuningCents = table.Column<double>(type: "REAL", nullable: true),
                    IntegratedLufs = table.Column<double>(type: "REAL", nullable: true),
                    LoudnessRangeLu = table.Column<double>(type: "REAL", nullable: true),
                    TruePeakDbtp = table.Column<double>(type: "REAL", nullable: true),
                    QualityFlags = table.Column<string>(type: "TEXT", nullable: false),
                    Caption = table.Column<string>(type: "TEXT", nullable: true),
                    Description = table.Column<string>(type: "TEXT", nullable: true),
                    DroppedSentences = table.Column<int>(type: "INTEGER", nullable: true),
                    ModelProblem = table.Column<string>(type: "TEXT", nullable: true),
                    TagText = table.Column<string>(type: "TEXT", nullable: false),
                    ProvenanceId = table.Column<string>(type: "TEXT", nullable: true),
                    Heard = table.Column<string>(type: "TEXT", nullable: false),
                    AnalysedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Beats = table.Column<string>(type: "TEXT", nullable: false),
                    Chords = table.Column<string>(type: "TEXT", nullable: false),
                    KeySegments = table.Column<string>(type: "TEXT", nullable: false),
                    BpmAlternatives = table.Column<string>(type: "TEXT", nullable: false),
                    Tags = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Analyses", x => x.JobId);
                    table.ForeignKey(
                        name: "FK_Analyses_Jobs_JobId",
                        column: x => x.JobId,
                        principalTable: "Jobs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_Analyses_Provenance_ProvenanceId",
                        column: x => x.ProvenanceId,
                        principalTable: "Provenance",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Corrections",
                columns: table => new
                {
                    TrackId = table.Column<long>(type: "INTEGER", nullable: false),
                    Title = table.Column<string>(type: "TEXT", nullable: true),
                    Artist = table.Column<string>(type: "TEXT", nullable: true),
                    Album = table.Column<string>(type: "TEXT", nullable: true),
                    Bpm = table.Column<double>(type: "REAL", nullable: true),
                    Key = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true),
                    Camelot = table.Column<string>(type: "TEXT", maxLength: 4, nullable: true),
                    Caption = table.Column<string>(type: "TEXT", nullable: true),
                    TagText = table.Column<string>(type: "TEXT", nullable: true),
                    By = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Corrections", x => x.TrackId);
                    table.ForeignKey(
                        name: "FK_Corrections_Tracks_TrackId",
                        column: x => x.TrackId,
                        principalTable: "Tracks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Questions",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Tenant = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    TrackId = table.Column<long>(type: "INTEGER", nullable: false),
                    JobId = table.Column<long>(type: "INTEGER", nullable: false),
                    Text = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    AskedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Answer_AnsweredAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    Answer_DroppedSentences = table.Column<int>(type: "INTEGER", nullable: true),
                    Answer_LicenceClass = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    Answer_ModelVersion = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    Answer_Outcome = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true),
                    Answer_PromptVersion = table.Column<string>(type: "TEXT", maxLength: 32, nullable: true),
                    Answer_SecondsHeard = table.Column<double>(type: "REAL", nullable: true),
                    Answer_Text = table.Column<string>(type: "TEXT", nullable: true),
                    Answer_ToolCalls = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Questions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Questions_Jobs_JobId",
                        column: x => x.JobId,
                        principalTable: "Jobs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_Questions_Tracks_TrackId",
                        column: x => x.TrackId,
                        principalTable: "Tracks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "SearchRows",
                columns: table => new
                {
                    TrackId = table.Column<long>(type: "INTEGER", nullable: false),
                    Tenant = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    FileName = table.Column<string>(type: "TEXT", maxLength: 782, nullable: false, collation: "NOCASE"),
                    UploadedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    Title = table.Column<string>(type: "TEXT", maxLength: 512, nullable: true, collation: "NOCASE"),
                    Artist = table.Column<string>(type: "TEXT", maxLength: 512, nullable: true, collation: "NOCASE"),
                    Album = table.Column<string>(type: "TEXT", maxLength: 512, nullable: true),
                    Bpm = table.Column<double>(type: "REAL", nullable: true),
                    Key = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true),
                    Camelot = table.Column<string>(type: "TEXT", maxLength: 4, nullable: true),
                    Lufs = table.Column<double>(type: "REAL", nullable: true),
                    Seconds = table.Column<double>(type: "REAL", nullable: true),
                    Caption = table.Column<string>(type: "TEXT", nullable: true),
                    TagText = table.Column<string>(type: "TEXT", nullable: true),
                    DroppedSentences = table.Column<int>(type: "INTEGER", nullable: true),
                    Lyrics = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SearchRows", x => x.TrackId);
                    table.ForeignKey(
                        name: "FK_SearchRows_Tracks_TrackId",
                        column: x => x.TrackId,
                        principalTable: "Tracks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TrackLyrics",
                columns: table => new
                {
                    Source = table.Column<int>(type: "INTEGER", nullable: false),
                    TrackId = table.Column<long>(type: "INTEGER", nullable: false),
                    BlobKey = table.Column<string>(type: "TEXT", unicode: false, fixedLength: true, maxLength: 64, nullable: true),
                    BlobName = table.Column<string>(type: "TEXT", maxLength: 1024, nullable: true),
                    ETagOfBlob = table.Column<string>(type: "TEXT", maxLength: 128, nullable: true),
                    Origin = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    Headers = table.Column<string>(type: "TEXT", nullable: false),
                    Lines = table.Column<string>(type: "TEXT", nullable: false),
                    Text = table.Column<string>(type: "TEXT", nullable: false),
                    Language = table.Column<string>(type: "TEXT", maxLength: 8, nullable: true),
                    IsExplicit = table.Column<bool>(type: "INTEGER", nullable: true),
                    Themes = table.Column<string>(type: "TEXT", nullable: true),
                    Summary = table.Column<string>(type: "TEXT", nullable: true),
                    ReadBy = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    Version = table.Column<int>(type: "INTEGER", nullable: false),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TrackLyrics", x => new { x.TrackId, x.Source });
                    table.ForeignKey(
                        name: "FK_TrackLyrics_Tracks_TrackId",
                        column: x => x.TrackId,
                        principalTable: "Tracks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ContentLyrics",
                columns: table => new
                {
                    Source = table.Column<int>(type: "INTEGER", nullable: false),
                    JobId = table.Column<long>(type: "INTEGER", nullable: false),
                    Origin = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    Headers = table.Column<string>(type: "TEXT", nullable: false),
                    Lines = table.Column<string>(type: "TEXT", nullable: false),
                    Text = table.Column<string>(type: "TEXT", nullable: false),
                    Language = table.Column<string>(type: "TEXT", maxLength: 8, nullable: true),
                    IsExplicit = table.Column<bool>(type: "INTEGER", nullable: true),
                    Themes = table.Column<string>(type: "TEXT", nullable: true),
                    Summary = table.Column<string>(type: "TEXT", nullable: true),
                    ReadBy = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    Version = table.Column<int>(type: "INTEGER", nullable: false),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ContentLyrics", x => new { x.JobId, x.Source });
                    table.ForeignKey(
                        name: "FK_ContentLyrics_Analyses_JobId",
                        column: x => x.JobId,
                        principalTable: "Analyses",
                        principalColumn: "JobId",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "QuestionTracks",
                columns: table => new
                {
                    QuestionId = table.Column<long>(type: "INTEGER", nullable: false),
                    Position = table.Column<int>(type: "INTEGER", nullable: false),
                    TrackId = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_QuestionTracks", x => new { x.QuestionId, x.Position });
                    table.ForeignKey(
                        name: "FK_QuestionTracks_Questions_QuestionId",
                        column: x => x.QuestionId,
                        principalTable: "Questions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_QuestionTracks_Tracks_TrackId",
                        column: x => x.TrackId,
                        principalTable: "Tracks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Analyses_ProvenanceId",
                table: "Analyses",
                column: "ProvenanceId");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_EndedBadly",
                table: "Jobs",
                columns: new[] { "Kind", "State" },
                filter: "State IN ('Failed', 'Rejected')");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Open",
                table: "Jobs",
                columns: new[] { "Kind", "EnqueuedAt", "State", "LeaseUntil", "CreatedAt", "RestartedAt" },
                filter: "State IN ('Queued', 'Analysing')");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Tenant_ContentId_Kind_ModelVersion",
                table: "Jobs",
                columns: new[] { "Tenant", "ContentId", "Kind", "ModelVersion" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_QuestionTracks_TrackId",
                table: "QuestionTracks",
                column: "TrackId");

            migrationBuilder.CreateIndex(
                name: "IX_Questions_JobId",
                table: "Questions",
                column: "JobId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Questions_TrackId",
                table: "Questions",
                column: "TrackId");

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Narrow",
                table: "SearchRows",
                columns: new[] { "Tenant", "TrackId", "State", "Camelot", "Bpm", "Lufs", "Seconds" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_State",
                table: "SearchRows",
                columns: new[] { "Tenant", "State", "Camelot" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_Artist_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "Artist", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_Bpm_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "Bpm", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_Camelot_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "Camelot", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_FileName_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "FileName", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_Lufs_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "Lufs", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_Seconds_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "Seconds", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_Title_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "Title", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_UploadedAt_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "UploadedAt", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_TrackLyrics_BlobKey",
                table: "TrackLyrics",
                column: "BlobKey");

            migrationBuilder.CreateIndex(
                name: "IX_TrackLyrics_BlobName",
                table: "TrackLyrics",
                column: "BlobName");

            migrationBuilder.CreateIndex(
                name: "IX_Tracks_BlobKey_Tenant",
                table: "Tracks",
                columns: new[] { "BlobKey", "Tenant" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Tracks_BlobName",
                table: "Tracks",
                column: "BlobName");

            migrationBuilder.CreateIndex(
                name: "IX_Tracks_JobId",
                table: "Tracks",
                column: "JobId");

            migrationBuilder.CreateIndex(
                name: "IX_Tracks_MissingSince",
                table: "Tracks",
                column: "MissingSince");

            SearchObjects.Create(migrationBuilder);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            SearchObjects.Drop(migrationBuilder);

            migrationBuilder.DropTable(
                name: "ContentLyrics");

            migrationBuilder.DropTable(
                name: "Corrections");

            migrationBuilder.DropTable(
                name: "QuestionTracks");

            migrationBuilder.DropTable(
                name: "SearchRows");

            migrationBuilder.DropTable(
                name: "Sweeps");

            migrationBuilder.DropTable(
                name: "TrackCounts");

            migrationBuilder.DropTable(
                name: "TrackLyrics");

            migrationBuilder.DropTable(
                name: "Analyses");

            migrationBuilder.DropTable(
                name: "Questions");

            migrationBuilder.DropTable(
                name: "Provenance");

            migrationBuilder.DropTable(
                name: "Tracks");

            migrationBuilder.DropTable(
                name: "Jobs");
        }
    }
}
