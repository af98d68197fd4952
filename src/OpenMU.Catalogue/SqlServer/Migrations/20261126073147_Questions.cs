using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OpenMU.Catalogue.SqlServer.Migrations
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
                type: "nvarchar(max)",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ModelProblem",
                table: "Analyses",
                type: "nvarchar(max)",
                nullable: true);

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
                    Answer_SecondsHeard = table.Column<double>(type: "float", nullable: true),
                    Answer_Text = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    Answer_ToolCalls = table.Column<int>(type: "int", nullable: true)
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

            migrationBuilder.DropColumn(
                name: "Description",
                table: "Analyses");

            migrationBuilder.DropColumn(
                name: "ModelProblem",
                table: "Analyses");
        }
    }
}
