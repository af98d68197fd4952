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
                name: "AuditEntries",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    By = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    Via = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: false),
                    Action = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    Subject = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    Detail = table.Column<string>(type: "nvarchar(max)", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditEntries", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "CorrectionChanges",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    ContentId = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Field = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Before = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    After = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    By = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Via = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: false),
                    Batch = table.Column<string>(type: "nvarchar(32)", maxLength: 32, nullable: false),
                    Undoes = table.Column<string>(type: "nvarchar(32)", maxLength: 32, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CorrectionChanges", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Corrections",
                columns: table => new
                {
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    ContentId = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Fields = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Title = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Artist = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Album = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Bpm = table.Column<double>(type: "float", nullable: true),
                    Metre = table.Column<int>(type: "int", nullable: true),
                    Key = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: true),
                    Camelot = table.Column<string>(type: "nvarchar(4)", maxLength: 4, nullable: true),
                    Caption = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    TagText = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Folded = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    By = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Version = table.Column<int>(type: "int", nullable: false),
                    ApprovedBy = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: true),
                    ApprovedAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    LockedBy = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Corrections", x => new { x.Tenant, x.ContentId });
                });

            migrationBuilder.CreateTable(
                name: "DeclaredFields",
                columns: table => new
                {
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Type = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DeclaredFields", x => new { x.Tenant, x.Name });
                });

            migrationBuilder.CreateTable(
                name: "ImportRuns",
                columns: table => new
                {
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Id = table.Column<string>(type: "char(64)", unicode: false, fixedLength: true, maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Rows = table.Column<long>(type: "bigint", nullable: false),
                    BadBytes = table.Column<long>(type: "bigint", nullable: false),
                    Summary = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ImportRuns", x => new { x.Tenant, x.Id });
                });

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
                    Priority = table.Column<int>(type: "int", nullable: false),
                    Reason = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    Fence = table.Column<long>(type: "bigint", nullable: false),
                    Attempts = table.Column<int>(type: "int", nullable: false),
                    IsSuspect = table.Column<bool>(type: "bit", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    RestartedAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    EnqueuedAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    LeaseUntil = table.Column<DateTime>(type: "datetime2", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    HeldSince = table.Column<DateTime>(type: "datetime2", nullable: true),
                    OverQuotaSince = table.Column<DateTime>(type: "datetime2", nullable: true),
                    IsFromScratch = table.Column<bool>(type: "bit", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Jobs", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "KeyedRequests",
                columns: table => new
                {
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Key = table.Column<string>(type: "nvarchar(128)", maxLength: 128, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Runner = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    RunsUntil = table.Column<DateTime>(type: "datetime2", nullable: true),
                    RequestHash = table.Column<string>(type: "char(64)", unicode: false, fixedLength: true, maxLength: 64, nullable: true),
                    Status = table.Column<int>(type: "int", nullable: false),
                    ContentType = table.Column<string>(type: "nvarchar(128)", maxLength: 128, nullable: true),
                    Location = table.Column<string>(type: "nvarchar(2048)", maxLength: 2048, nullable: true),
                    Body = table.Column<byte[]>(type: "varbinary(max)", nullable: true),
                    ExpiresAt = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_KeyedRequests", x => new { x.Tenant, x.Key });
                });

            migrationBuilder.CreateTable(
                name: "PendingOwnerRows",
                columns: table => new
                {
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Id = table.Column<string>(type: "char(64)", unicode: false, fixedLength: true, maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    NameKey = table.Column<string>(type: "nvarchar(782)", maxLength: 782, nullable: true, collation: "Latin1_General_100_BIN2"),
                    File = table.Column<string>(type: "nvarchar(1024)", maxLength: 1024, nullable: true),
                    ContentId = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: true, collation: "Latin1_General_100_BIN2"),
                    OwnId = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true, collation: "Latin1_General_100_BIN2"),
                    Isrc = table.Column<string>(type: "char(12)", unicode: false, fixedLength: true, maxLength: 12, nullable: true),
                    Fields = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Lyrics = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    By = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PendingOwnerRows", x => new { x.Tenant, x.Id });
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
                name: "Publications",
                columns: table => new
                {
                    Id = table.Column<string>(type: "char(32)", unicode: false, fixedLength: true, maxLength: 32, nullable: false),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    Kind = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: false),
                    ModelVersion = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    By = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    Via = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Tracks = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Publications", x => new { x.Tenant, x.Id });
                });

            migrationBuilder.CreateTable(
                name: "QuestionBatches",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Key = table.Column<string>(type: "nvarchar(128)", maxLength: 128, nullable: false, collation: "Latin1_General_100_BIN2"),
                    RequestHash = table.Column<string>(type: "char(64)", unicode: false, fixedLength: true, maxLength: 64, nullable: false),
                    Priority = table.Column<int>(type: "int", nullable: false),
                    AskedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    ExpiresAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Total = table.Column<int>(type: "int", nullable: false),
                    Ends = table.Column<long>(type: "bigint", nullable: false),
                    CancelledAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "datetime2", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_QuestionBatches", x => x.Id);
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
                name: "Taxonomies",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Number = table.Column<int>(type: "int", nullable: false),
                    Terms = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    ClosedGroups = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    Digest = table.Column<string>(type: "char(64)", unicode: false, fixedLength: true, maxLength: 64, nullable: false),
                    TermCount = table.Column<int>(type: "int", nullable: false),
                    By = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Taxonomies", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "TaxonomyPublications",
                columns: table => new
                {
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Sequence = table.Column<int>(type: "int", nullable: false),
                    Number = table.Column<int>(type: "int", nullable: false),
                    Before = table.Column<int>(type: "int", nullable: true),
                    By = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TaxonomyPublications", x => new { x.Tenant, x.Sequence });
                });

            migrationBuilder.CreateTable(
                name: "TenantLimits",
                columns: table => new
                {
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    TracksADay = table.Column<long>(type: "bigint", nullable: true),
                    QuestionsADay = table.Column<long>(type: "bigint", nullable: true),
                    BytesStored = table.Column<long>(type: "bigint", nullable: true),
                    JobsWaiting = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TenantLimits", x => x.Tenant);
                });

            migrationBuilder.CreateTable(
                name: "TenantQueues",
                columns: table => new
                {
                    Kind = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: false),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Waiting = table.Column<int>(type: "int", nullable: false),
                    Sent = table.Column<int>(type: "int", nullable: false),
                    Turns = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TenantQueues", x => new { x.Kind, x.Tenant });
                });

            migrationBuilder.CreateTable(
                name: "Tenants",
                columns: table => new
                {
                    Name = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    CreatedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    SuspendedAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    AllowedOrigins = table.Column<string>(type: "json", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Tenants", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "TenantUsages",
                columns: table => new
                {
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Day = table.Column<DateOnly>(type: "date", nullable: false),
                    Tracks = table.Column<long>(type: "bigint", nullable: false),
                    Questions = table.Column<long>(type: "bigint", nullable: false),
                    Bytes = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TenantUsages", x => x.Tenant);
                });

            migrationBuilder.CreateTable(
                name: "UnknownPrefixes",
                columns: table => new
                {
                    Prefix = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Example = table.Column<string>(type: "nvarchar(1024)", maxLength: 1024, nullable: false),
                    FirstSeenAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    LastSeenAt = table.Column<DateTime>(type: "datetime2", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UnknownPrefixes", x => x.Prefix);
                });

            migrationBuilder.CreateTable(
                name: "UrlUploads",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Url = table.Column<string>(type: "nvarchar(2048)", maxLength: 2048, nullable: false),
                    FileName = table.Column<string>(type: "nvarchar(1024)", maxLength: 1024, nullable: false),
                    BlobName = table.Column<string>(type: "nvarchar(1024)", maxLength: 1024, nullable: false),
                    Sha256 = table.Column<string>(type: "char(64)", unicode: false, fixedLength: true, maxLength: 64, nullable: true),
                    Replace = table.Column<bool>(type: "bit", nullable: false),
                    State = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: false),
                    Reason = table.Column<string>(type: "nvarchar(400)", maxLength: 400, nullable: true),
                    Bytes = table.Column<long>(type: "bigint", nullable: false),
                    ETag = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: true),
                    Attempts = table.Column<int>(type: "int", nullable: false),
                    DueAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Fence = table.Column<long>(type: "bigint", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    EndedAt = table.Column<DateTime>(type: "datetime2", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_UrlUploads", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "WebhookEndpoints",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Url = table.Column<string>(type: "nvarchar(2048)", maxLength: 2048, nullable: false),
                    EventTypes = table.Column<string>(type: "nvarchar(400)", maxLength: 400, nullable: false),
                    Secret = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    FormerSecret = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    FormerSecretUntil = table.Column<DateTime>(type: "datetime2", nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    DisabledAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    DisabledReason = table.Column<string>(type: "nvarchar(400)", maxLength: 400, nullable: true),
                    Failures = table.Column<int>(type: "int", nullable: false),
                    FailingSince = table.Column<DateTime>(type: "datetime2", nullable: true),
                    ResumesAt = table.Column<DateTime>(type: "datetime2", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookEndpoints", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "WebhookEvents",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    MessageId = table.Column<string>(type: "varchar(36)", unicode: false, maxLength: 36, nullable: false),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Type = table.Column<string>(type: "varchar(32)", unicode: false, maxLength: 32, nullable: false),
                    Subject = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Body = table.Column<string>(type: "nvarchar(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookEvents", x => x.Id);
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
                    FileNameWords = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    FileNameOrder = table.Column<string>(type: "nvarchar(782)", maxLength: 782, nullable: false),
                    NameKey = table.Column<string>(type: "nvarchar(782)", maxLength: 782, nullable: false, collation: "Latin1_General_100_BIN2"),
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
                    FileFields = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    FileOwnId = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true, collation: "Latin1_General_100_BIN2"),
                    FileIsrc = table.Column<string>(type: "char(12)", unicode: false, fixedLength: true, maxLength: 12, nullable: true),
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
                    Folded = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    ProvenanceId = table.Column<string>(type: "char(32)", nullable: true),
                    Heard = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    AnalysedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Beats = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Chords = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    KeySegments = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Sections = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    Work_Decode = table.Column<double>(type: "float", nullable: false),
                    Work_Download = table.Column<double>(type: "float", nullable: false),
                    Work_Encode = table.Column<double>(type: "float", nullable: false),
                    Work_Generate = table.Column<double>(type: "float", nullable: false),
                    Work_Measure = table.Column<double>(type: "float", nullable: false),
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
                name: "ApiKeys",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Label = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    PublicId = table.Column<string>(type: "char(12)", unicode: false, fixedLength: true, maxLength: 12, nullable: false, collation: "Latin1_General_100_BIN2"),
                    SecretHash = table.Column<byte[]>(type: "binary(32)", fixedLength: true, maxLength: 32, nullable: false),
                    Scopes = table.Column<int>(type: "int", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    ExpiresAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    RevokedAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    LastUsedAt = table.Column<DateTime>(type: "datetime2", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ApiKeys", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ApiKeys_Tenants_Tenant",
                        column: x => x.Tenant,
                        principalTable: "Tenants",
                        principalColumn: "Name",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "WebhookDeliveries",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    EndpointId = table.Column<long>(type: "bigint", nullable: false),
                    EventId = table.Column<long>(type: "bigint", nullable: false),
                    Type = table.Column<string>(type: "varchar(32)", unicode: false, maxLength: 32, nullable: false),
                    Subject = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    State = table.Column<string>(type: "nvarchar(16)", maxLength: 16, nullable: false),
                    Attempts = table.Column<int>(type: "int", nullable: false),
                    DueAt = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Fence = table.Column<long>(type: "bigint", nullable: false),
                    TriedAt = table.Column<DateTime>(type: "datetime2", nullable: true),
                    Status = table.Column<int>(type: "int", nullable: true),
                    Answer = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookDeliveries", x => x.Id);
                    table.ForeignKey(
                        name: "FK_WebhookDeliveries_WebhookEndpoints_EndpointId",
                        column: x => x.EndpointId,
                        principalTable: "WebhookEndpoints",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_WebhookDeliveries_WebhookEvents_EventId",
                        column: x => x.EventId,
                        principalTable: "WebhookEvents",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "OwnerRecords",
                columns: table => new
                {
                    TrackId = table.Column<long>(type: "bigint", nullable: false),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Fields = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    OwnId = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: true, collation: "Latin1_General_100_BIN2"),
                    Isrc = table.Column<string>(type: "char(12)", unicode: false, fixedLength: true, maxLength: 12, nullable: true),
                    Title = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Artist = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Album = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Folded = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    By = table.Column<string>(type: "nvarchar(256)", maxLength: 256, nullable: false),
                    At = table.Column<DateTime>(type: "datetime2", nullable: false),
                    Version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OwnerRecords", x => x.TrackId);
                    table.ForeignKey(
                        name: "FK_OwnerRecords_Tracks_TrackId",
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
                    TrackId = table.Column<long>(type: "bigint", nullable: true),
                    BatchId = table.Column<long>(type: "bigint", nullable: true),
                    Position = table.Column<int>(type: "int", nullable: false),
                    FileName = table.Column<string>(type: "nvarchar(959)", maxLength: 959, nullable: true),
                    BlobKey = table.Column<string>(type: "char(64)", unicode: false, fixedLength: true, maxLength: 64, nullable: true),
                    EndedAs = table.Column<long>(type: "bigint", nullable: true),
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
                        name: "FK_Questions_QuestionBatches_BatchId",
                        column: x => x.BatchId,
                        principalTable: "QuestionBatches",
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
                    FileNameOrder = table.Column<string>(type: "nvarchar(782)", maxLength: 782, nullable: false, collation: "Latin1_General_100_BIN2"),
                    TitleOrder = table.Column<string>(type: "nvarchar(512)", maxLength: 512, nullable: true, collation: "Latin1_General_100_BIN2"),
                    ArtistOrder = table.Column<string>(type: "nvarchar(512)", maxLength: 512, nullable: true, collation: "Latin1_General_100_BIN2"),
                    KeyOrder = table.Column<int>(type: "int", nullable: true),
                    Facets = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    NameWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    TitleWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    ArtistWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    AlbumWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    GenreWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    MoodWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    InstrumentWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    TagWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    ComposerWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    LabelWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    AboutWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    IdWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    CustomWords = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    LyricsWords = table.Column<string>(type: "nvarchar(max)", nullable: true)
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
                name: "StaleTexts",
                columns: table => new
                {
                    TrackId = table.Column<long>(type: "bigint", nullable: false),
                    Changes = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StaleTexts", x => x.TrackId);
                    table.ForeignKey(
                        name: "FK_StaleTexts_Tracks_TrackId",
                        column: x => x.TrackId,
                        principalTable: "Tracks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TextEmbeddings",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    TrackId = table.Column<long>(type: "bigint", nullable: false),
                    Tenant = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    ModelVersion = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    TextHash = table.Column<byte[]>(type: "binary(32)", fixedLength: true, maxLength: 32, nullable: false),
                    Vector = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TextEmbeddings", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TextEmbeddings_Tracks_TrackId",
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
                    Folded = table.Column<string>(type: "nvarchar(max)", nullable: false),
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
                    Folded = table.Column<string>(type: "nvarchar(max)", nullable: false),
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
                name: "TrackEmbeddings",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    JobId = table.Column<long>(type: "bigint", nullable: false),
                    ModelVersion = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false, collation: "Latin1_General_100_BIN2"),
                    Dimensions = table.Column<int>(type: "int", nullable: false),
                    Vector = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TrackEmbeddings", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TrackEmbeddings_Analyses_JobId",
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

            migrationBuilder.InsertData(
                table: "Tenants",
                columns: new[] { "Name", "AllowedOrigins", "CreatedAt", "SuspendedAt" },
                values: new object[] { "default", "[]", new DateTime(2026, 1, 1, 0, 0, 0, 0, DateTimeKind.Utc), null });

            migrationBuilder.CreateIndex(
                name: "IX_Analyses_FileIsrc",
                table: "Analyses",
                column: "FileIsrc");

            migrationBuilder.CreateIndex(
                name: "IX_Analyses_FileOwnId",
                table: "Analyses",
                column: "FileOwnId");

            migrationBuilder.CreateIndex(
                name: "IX_Analyses_ProvenanceId",
                table: "Analyses",
                column: "ProvenanceId");

            migrationBuilder.CreateIndex(
                name: "IX_ApiKeys_PublicId",
                table: "ApiKeys",
                column: "PublicId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ApiKeys_Tenant_Id",
                table: "ApiKeys",
                columns: new[] { "Tenant", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_AuditEntries_Tenant_Id",
                table: "AuditEntries",
                columns: new[] { "Tenant", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_CorrectionChanges_Tenant_Batch_ContentId",
                table: "CorrectionChanges",
                columns: new[] { "Tenant", "Batch", "ContentId" });

            migrationBuilder.CreateIndex(
                name: "IX_CorrectionChanges_Tenant_ContentId_Id",
                table: "CorrectionChanges",
                columns: new[] { "Tenant", "ContentId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Asked",
                table: "Jobs",
                columns: new[] { "Tenant", "CreatedAt", "Id" },
                filter: "Kind = 'Question'");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_AskedInState",
                table: "Jobs",
                columns: new[] { "Tenant", "State", "CreatedAt", "Id" },
                filter: "Kind = 'Question'");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_EndedBadly",
                table: "Jobs",
                columns: new[] { "Kind", "State" },
                filter: "State IN ('Failed', 'Rejected')");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Held",
                table: "Jobs",
                columns: new[] { "Tenant", "Id" },
                filter: "HeldSince IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Open",
                table: "Jobs",
                columns: new[] { "Kind", "EnqueuedAt", "State", "LeaseUntil", "CreatedAt", "RestartedAt" },
                filter: "State IN ('Queued', 'Analysing')");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_OverQuota",
                table: "Jobs",
                columns: new[] { "Tenant", "Id" },
                filter: "OverQuotaSince IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Tenant_ContentId_Kind_ModelVersion",
                table: "Jobs",
                columns: new[] { "Tenant", "ContentId", "Kind", "ModelVersion" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_Waiting",
                table: "Jobs",
                columns: new[] { "Kind", "Tenant", "Priority", "Id" },
                filter: "State = 'Queued' AND EnqueuedAt IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_WaitingForTrack",
                table: "Jobs",
                columns: new[] { "Kind", "Id" },
                filter: "State = 'Waiting'");

            migrationBuilder.CreateIndex(
                name: "IX_KeyedRequests_ExpiresAt",
                table: "KeyedRequests",
                column: "ExpiresAt");

            migrationBuilder.CreateIndex(
                name: "IX_OwnerRecords_Tenant_Isrc",
                table: "OwnerRecords",
                columns: new[] { "Tenant", "Isrc" });

            migrationBuilder.CreateIndex(
                name: "IX_OwnerRecords_Tenant_OwnId",
                table: "OwnerRecords",
                columns: new[] { "Tenant", "OwnId" });

            migrationBuilder.CreateIndex(
                name: "IX_PendingOwnerRows_Tenant_ContentId",
                table: "PendingOwnerRows",
                columns: new[] { "Tenant", "ContentId" });

            migrationBuilder.CreateIndex(
                name: "IX_PendingOwnerRows_Tenant_Isrc",
                table: "PendingOwnerRows",
                columns: new[] { "Tenant", "Isrc" });

            migrationBuilder.CreateIndex(
                name: "IX_PendingOwnerRows_Tenant_NameKey",
                table: "PendingOwnerRows",
                columns: new[] { "Tenant", "NameKey" });

            migrationBuilder.CreateIndex(
                name: "IX_PendingOwnerRows_Tenant_OwnId",
                table: "PendingOwnerRows",
                columns: new[] { "Tenant", "OwnId" });

            migrationBuilder.CreateIndex(
                name: "IX_Publications_Tenant_At",
                table: "Publications",
                columns: new[] { "Tenant", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_QuestionBatches_Open",
                table: "QuestionBatches",
                column: "ExpiresAt",
                filter: "FinishedAt IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_QuestionBatches_Tenant_Id",
                table: "QuestionBatches",
                columns: new[] { "Tenant", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_QuestionBatches_Tenant_Key",
                table: "QuestionBatches",
                columns: new[] { "Tenant", "Key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Questions_BatchId_EndedAs_Id",
                table: "Questions",
                columns: new[] { "BatchId", "EndedAs", "Id" });

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
                name: "IX_QuestionTracks_TrackId",
                table: "QuestionTracks",
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
                name: "IX_SearchRows_Tenant_FileNameOrder_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "FileNameOrder", "TrackId" });

            migrationBuilder.CreateIndex(
                name: "IX_SearchRows_Tenant_KeyOrder_TrackId",
                table: "SearchRows",
                columns: new[] { "Tenant", "KeyOrder", "TrackId" });

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
                name: "IX_Taxonomies_Tenant_Number",
                table: "Taxonomies",
                columns: new[] { "Tenant", "Number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_TextEmbeddings_ModelVersion_Tenant_Id",
                table: "TextEmbeddings",
                columns: new[] { "ModelVersion", "Tenant", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_TextEmbeddings_TrackId",
                table: "TextEmbeddings",
                column: "TrackId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_TrackEmbeddings_JobId",
                table: "TrackEmbeddings",
                column: "JobId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_TrackEmbeddings_ModelVersion_Id",
                table: "TrackEmbeddings",
                columns: new[] { "ModelVersion", "Id" });

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

            migrationBuilder.CreateIndex(
                name: "IX_Tracks_Tenant_NameKey",
                table: "Tracks",
                columns: new[] { "Tenant", "NameKey" });

            migrationBuilder.CreateIndex(
                name: "IX_UrlUploads_Due",
                table: "UrlUploads",
                column: "DueAt",
                filter: "State = 'Waiting'");

            migrationBuilder.CreateIndex(
                name: "IX_UrlUploads_EndedAt",
                table: "UrlUploads",
                column: "EndedAt");

            migrationBuilder.CreateIndex(
                name: "IX_UrlUploads_Tenant_State",
                table: "UrlUploads",
                columns: new[] { "Tenant", "State" });

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_Due",
                table: "WebhookDeliveries",
                columns: new[] { "EndpointId", "DueAt" },
                filter: "State = 'Pending'");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_EndpointId_CreatedAt",
                table: "WebhookDeliveries",
                columns: new[] { "EndpointId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_EndpointId_State_Id",
                table: "WebhookDeliveries",
                columns: new[] { "EndpointId", "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_EventId",
                table: "WebhookDeliveries",
                column: "EventId");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_Order",
                table: "WebhookDeliveries",
                columns: new[] { "EndpointId", "Subject", "Id" },
                filter: "State = 'Pending'");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookEndpoints_Tenant",
                table: "WebhookEndpoints",
                column: "Tenant");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookEvents_At",
                table: "WebhookEvents",
                column: "At");

            SearchObjects.Create(migrationBuilder);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            SearchObjects.Drop(migrationBuilder);

            migrationBuilder.DropTable(
                name: "ApiKeys");

            migrationBuilder.DropTable(
                name: "AuditEntries");

            migrationBuilder.DropTable(
                name: "ContentLyrics");

            migrationBuilder.DropTable(
                name: "CorrectionChanges");

            migrationBuilder.DropTable(
                name: "Corrections");

            migrationBuilder.DropTable(
                name: "DeclaredFields");

            migrationBuilder.DropTable(
                name: "ImportRuns");

            migrationBuilder.DropTable(
                name: "KeyedRequests");

            migrationBuilder.DropTable(
                name: "OwnerRecords");

            migrationBuilder.DropTable(
                name: "PendingOwnerRows");

            migrationBuilder.DropTable(
                name: "Publications");

            migrationBuilder.DropTable(
                name: "QuestionTracks");

            migrationBuilder.DropTable(
                name: "SearchRows");

            migrationBuilder.DropTable(
                name: "StaleTexts");

            migrationBuilder.DropTable(
                name: "Sweeps");

            migrationBuilder.DropTable(
                name: "Taxonomies");

            migrationBuilder.DropTable(
                name: "TaxonomyPublications");

            migrationBuilder.DropTable(
                name: "TenantLimits");

            migrationBuilder.DropTable(
                name: "TenantQueues");

            migrationBuilder.DropTable(
                name: "TenantUsages");

            migrationBuilder.DropTable(
                name: "TextEmbeddings");

            migrationBuilder.DropTable(
                name: "TrackEmbeddings");

            migrationBuilder.DropTable(
                name: "TrackLyrics");

            migrationBuilder.DropTable(
                name: "UnknownPrefixes");

            migrationBuilder.DropTable(
                name: "UrlUploads");

            migrationBuilder.DropTable(
                name: "WebhookDeliveries");

            migrationBuilder.DropTable(
                name: "Tenants");

            migrationBuilder.DropTable(
                name: "Questions");

            migrationBuilder.DropTable(
                name: "Analyses");

            migrationBuilder.DropTable(
                name: "WebhookEndpoints");

            migrationBuilder.DropTable(
                name: "WebhookEvents");

            migrationBuilder.DropTable(
                name: "QuestionBatches");

            migrationBuilder.DropTable(
                name: "Tracks");

            migrationBuilder.DropTable(
                name: "Provenance");

            migrationBuilder.DropTable(
                name: "Jobs");
        }
    }
}
