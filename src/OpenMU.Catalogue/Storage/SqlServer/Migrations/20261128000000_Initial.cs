using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenMU.Catalogue.Storage.SqlServer.Migrations
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
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    ContentId = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Kind = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: false),
                    ModelVersion = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    State = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: false),
                    Reason = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    Fence = table.Column<long>(type: "bigint", nullable: false),
                    Attempts = table.Column<int>(type: "int", nullable: false),
                    IsSuspect = table.Column<bool>(type: "bit", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    RestartedAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    EnqueuedAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    LeaseUntil = table.Column<DateTime>(type: "datetime2", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "datetime2", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Jobs", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Provenance",
                columns: table => new
                {
                    Id = table.Column<string>(type: "char(32)", unicode: false, fixedLength: true, maxLength: 32, nullable: false),
                    Fields = table.Column<string>(type: "nvarchar(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Provenance", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Sweeps",
                columns: table => new
                {
                    Id = table.Column<int>(type: "int", nullable: false),
                    Marker = table.Column<string>(type: "nvarchar(4000)", maxLength: 4000, nullable: true),
                    After = table.Column<string>(type: "nvarchar(1024)", maxLength: 1024, nullable: true),
                    Listed = table.Column<long>(type: "bigint", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    FinishedAt = table.Column<DateTime>(type: "datetime2", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Sweeps", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Tracks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    BlobName = table.Column<string>(type: "nvarchar(1024)", maxLength: 1024, nullable: false, collation: "Latin1_General_100_BIN2"),
                    BlobKey = table.Column<string>(type: "char(64)", unicode: false, fixedLength: true, maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    ETag = table.Column<string>(type: "nvarchar(128)", maxLength: 128, nullable: false, collation: "Latin1_General_100_BIN2"),
                    FileName = table.Column<string>(type: "nvarchar(782)", maxLength: 782, nullable: false),
                    SizeBytes = table.Column<long>(type: "bigint", nullable: false),
                    UploadedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    MissingSince = table.Column<DateTime>(type: "datetime2", nullable: true),
                    JobId = table.Column<long>(type: "bigint", nullable: false),
                    BlobNameStart = table.Column<string>(type: "nvarchar(400)", maxLength: 400, nullable: true, computedColumnSql: "LEFT([BlobName], 400)", stored: true, collation: "Latin1_General_100_BIN2")
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
                    JobId = table.Column<long>(type: "bigint", nullable: false),
                    Title = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Artist = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Album = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    DurationSeconds = table.Column<double>(type: "float", nullable: false),
                    Codec = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    SampleRate = table.Column<int>(type: "int", nullable: false),
                    Channels = table.Column<int>(type: "int", nullable: false),
                    Bpm = table.Column<double>(type: "float", nullable: true),
                    BpmConfidence = table.Column<double>(type: "float", nullable: true),
                    Metre = table.Column<int>(type: "int", nullable: true),
                    Key = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: true),
                    KeyConfidence = table.Column<double>(type: "float", nullable: true),
                    Camelot = table.Column<string>(type: "nvarchar(4)", maxLength: 4, nullable: true),
                    OpenKey = table.Column<string>(type: "nvarchar(4)", maxLength: 4, nullable: true),
                    TuningCents = table.Column<double>(type: "float", nullable: true),
                    IntegratedLufs = table.Column<double>(type: "float", nullable: true),
                    LoudnessRangeLu = table.Column<double>(type: "float", nullable: true),
                    TruePeakDbtp = table.Column<double>(type: "float", nullable: true),
                    QualityFlags = table.Column<string>(type: "json", nullable: false),
                    Caption = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Description = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    DroppedSentences = table.Column<int>(type: "int", nullable: true),
                    ModelProblem = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    TagText = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    ProvenanceId = table.Column<string>(type: "char(32)", nullable: true),
                    Heard = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    AnalysedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Beats = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Chords = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    KeySegments = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    BpmAlternatives = table.Column<string>(type: "json", nullable: false),
                    Tags = table.Column<string>(type: "json", nullable: false)
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
                    TrackId = table.Column<long>(type: "bigint", nullable: false),
                    Title = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Artist = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Album = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Bpm = table.Column<double>(type: "float", nullable: true),
                    Key = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: true),
                    Camelot = table.Column<string>(type: "nvarchar(4)", maxLength: 4, nullable: true),
                    Caption = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    TagText = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    By = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false)
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
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    TrackId = table.Column<long>(type: "bigint", nullable: false),
                    JobId = table.Column<long>(type: "bigint", nullable: false),
                    Text = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    AskedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Answer_AnsweredAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    Answer_DroppedSentences = table.Column<int>(type: "int", nullable: true),
                    Answer_LicenceClass = table.Column<string>(type: "nvarchar(32)", maxLength: 32, nullable: true),
                    Answer_ModelVersion = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: true),
                    Answer_Outcome = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: true),
                    Answer_PromptVersion = table.Column<string>(type: "nvarchar(32)", maxLength: 32, nullable: true),
                    Answer_SecondsHeard = table.Column<double>(type: "float", nullable: true),
                    Answer_Text = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Answer_ToolCalls = table.Column<string>(type: "nvarchar(max)", nullable: true)
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
                    TrackId = table.Column<long>(type: "bigint", nullable: false),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    FileName = table.Column<string>(type: "nvarchar(782)", maxLength: 782, nullable: false),
                    UploadedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    State = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: false),
                    Reason = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    Title = table.Column<string>(type: "nvarchar(512)", maxLength: 512, nullable: true),
                    Artist = table.Column<string>(type: "nvarchar(512)", maxLength: 512, nullable: true),
                    Album = table.Column<string>(type: "nvarchar(512)", maxLength: 512, nullable: true),
                    Bpm = table.Column<double>(type: "float", nullable: true),
                    Key = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: true),
                    Camelot = table.Column<string>(type: "nvarchar(4)", maxLength: 4, nullable: true),
                    Lufs = table.Column<double>(type: "float", nullable: true),
                    Seconds = table.Column<double>(type: "float", nullable: true),
                    Caption = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    TagText = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    DroppedSentences = table.Column<int>(type: "int", nullable: true),
                    Lyrics = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    ArtistOrder = table.Column<string>(type: "nvarchar(512)", maxLength: 512, nullable: true, collation: "Latin1_General_100_BIN2"),
                    FileNameOrder = table.Column<string>(type: "nvarchar(782)", maxLength: 782, nullable: true, collation: "Latin1_General_100_BIN2"),
                    FileWords = table.Column<string>(type: "nvarchar(782)", maxLength: 782, nullable: true),
                    TitleOrder = table.Column<string>(type: "nvarchar(512)", maxLength: 512, nullable: true, collation: "Latin1_General_100_BIN2")
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
                    Source = table.Column<int>(type: "int", nullable: false),
                    TrackId = table.Column<long>(type: "bigint", nullable: false),
                    BlobKey = table.Column<string>(type: "char(64)", unicode: false, fixedLength: true, maxLength: 64, nullable: true, collation: "Latin1_General_100_BIN2"),
                    BlobName = table.Column<string>(type: "nvarchar(1024)", maxLength: 1024, nullable: true, collation: "Latin1_General_100_BIN2"),
                    ETagOfBlob = table.Column<string>(type: "nvarchar(128)", maxLength: 128, nullable: true, collation: "Latin1_General_100_BIN2"),
                    BlobNameStart = table.Column<string>(type: "nvarchar(400)", maxLength: 400, nullable: true, computedColumnSql: "LEFT([BlobName], 400)", stored: true, collation: "Latin1_General_100_BIN2"),
                    Origin = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    Headers = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Lines = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Text = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Language = table.Column<string>(type: "nvarchar(8)", maxLength: 8, nullable: true),
                    IsExplicit = table.Column<bool>(type: "bit", nullable: true),
                    Themes = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Summary = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    ReadBy = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: true),
                    Version = table.Column<int>(type: "int", nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false)
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
                    Source = table.Column<int>(type: "int", nullable: false),
                    JobId = table.Column<long>(type: "bigint", nullable: false),
                    Origin = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    Headers = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Lines = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Text = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Language = table.Column<string>(type: "nvarchar(8)", maxLength: 8, nullable: true),
                    IsExplicit = table.Column<bool>(type: "bit", nullable: true),
                    Themes = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Summary = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    ReadBy = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: true),
                    Version = table.Column<int>(type: "int", nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false)
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
                    QuestionId = table.Column<long>(type: "bigint", nullable: false),
                    Position = table.Column<int>(type: "int", nullable: false),
                    TrackId = table.Column<long>(type: "bigint", nullable: false)
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
                name: "IX_SearchRows_Tenant_ArtistOrder_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "ArtistOrder", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_Bpm_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "Bpm", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_Camelot_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "Camelot", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_FileNameOrder_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "FileNameOrder", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_Lufs_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "Lufs", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_Seconds_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "Seconds", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_TitleOrder_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "TitleOrder", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_UploadedAt_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "UploadedAt", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_TrackLyrics_BlobKey",
                table: "TrackLyrics",
                column: "BlobKey");

            migrationBuilder.CreateIndex(
                name: "IX_TrackLyrics_BlobNameStart",
                table: "TrackLyrics",
                column: "BlobNameStart");

            migrationBuilder.CreateIndex(
                name: "IX_Tracks_BlobKey_Tenant",
                table: "Tracks",
                columns: new[] { "BlobKey", "Tenant" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Tracks_BlobNameStart",
                table: "Tracks",
                column: "BlobNameStart");

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
