using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenMU.Catalogue.Sqlite.Migrations
{
    /// <summary>Questions with their answers, and what the model says beyond a caption.</summary>
    public partial class Questions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Description",
                table: "Analyses",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ModelProblem",
                table: "Analyses",
                type: "TEXT",
                nullable: true);

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
                    Answer_SecondsHeard = table.Column<double>(type: "REAL", nullable: true),
                    Answer_Text = table.Column<string>(type: "TEXT", nullable: true),
                    Answer_ToolCalls = table.Column<int>(type: "INTEGER", nullable: true)
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

            migrationBuilder.CreateIndex(
                name: "IX_Questions_JobId",
                table: "Questions",
                column: "JobId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Questions_TrackId",
                table: "Questions",
                column: "TrackId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Questions");

            // EF would build the table anew, and so lose the triggers that keep SearchRows.
            migrationBuilder.Sql("ALTER TABLE Analyses DROP COLUMN Description;");
            migrationBuilder.Sql("ALTER TABLE Analyses DROP COLUMN ModelProblem;");
        }
    }
}
