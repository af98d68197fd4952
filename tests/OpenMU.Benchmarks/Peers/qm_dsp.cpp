// Tempo, beats, downbeats and key by Queen Mary's qm-dsp on a file of raw mono float32 samples at 44,100 Hz: what MirBenchmark.cs and PeersBenchmark.cs
// compare with. Prints what was heard as JSON: tempo (of the median beat), beats, downbeats (seconds), key (that of most blocks).
// Build: g++ -O2 -I/usr/include/qm-dsp qm_dsp.cpp -o qm_dsp -lqm-dsp (Debian: libqm-dsp-dev). Usage: qm_dsp FILE
#include <algorithm>
#include <cstdio>
#include <vector>
#include <dsp/keydetection/GetKeyMode.h>
#include <dsp/onsets/DetectionFunction.h>
#include <dsp/tempotracking/DownBeat.h>
#include <dsp/tempotracking/TempoTrackV2.h>

static std::vector<float> read(const char *path)
{
    std::vector<float> samples;
    float block[4096];
    FILE *file = std::fopen(path, "rb");
    if (!file) return samples;
    while (size_t count = std::fread(block, sizeof(float), 4096, file)) samples.insert(samples.end(), block, block + count);
    std::fclose(file);
    return samples;
}

int main(int count, char **arguments)
{
    if (count != 2) return 2;
    const int rate = 44100, step = 512, length = 1024;
    const std::vector<float> samples = read(arguments[1]);

    DFConfig config {};
    config.stepSize = step;
    config.frameLength = length;
    config.DFType = DF_COMPLEXSD;
    config.dbRise = 3;
    config.whiteningRelaxCoeff = config.whiteningFloor = -1;
    DetectionFunction detection(config);
    DownBeat downbeat(rate, 16, step);
    downbeat.setBeatsPerBar(4);
    std::vector<double> frame(length), onsets;
    for (size_t at = 0; at + length <= samples.size(); at += step) {
        for (int i = 0; i < length; i++) frame[i] = samples[at + i];
        onsets.push_back(detection.processTimeDomain(frame.data()));
        downbeat.pushAudioBlock(&samples[at]);
    }

    TempoTrackV2 tracker(rate, step);
    std::vector<double> periods(onsets.size()), tempi, beats;
    tracker.calculateBeatPeriod(onsets, periods, tempi);
    tracker.calculateBeats(onsets, periods, beats);
    std::vector<int> downbeats;
    size_t buffered = 0;
    const float *audio = downbeat.getBufferedAudio(buffered);
    if (beats.size() > 4) downbeat.findDownBeats(audio, buffered, beats, downbeats);

    GetKeyMode key(rate, 440, 10, 10);
    std::vector<double> block(key.getBlockSize());
    std::vector<int> votes(25);
    for (size_t at = 0; at + block.size() <= samples.size(); at += key.getHopSize()) {
        for (size_t i = 0; i < block.size(); i++) block[i] = samples[at + i];
        votes[key.process(block.data())]++;
    }

    // 1 to 12 are C major to B major, 13 to 24 the minor ones, 0 is none.
    const char *names[] = { "C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B" };
    const int best = int(std::max_element(votes.begin() + 1, votes.end()) - votes.begin());
    std::vector<double> intervals;
    for (size_t i = 1; i < beats.size(); i++) intervals.push_back((beats[i] - beats[i - 1]) * step / rate);
    std::sort(intervals.begin(), intervals.end());
    std::printf("{\"tempo\": %.4f, \"key\": \"%s %s\", \"beats\": [",
        intervals.empty() ? 0 : 60 / intervals[intervals.size() / 2], names[(best - 1) % 12], best > 12 ? "minor" : "major");
    for (size_t i = 0; i < beats.size(); i++) std::printf("%s%.4f", i ? ", " : "", beats[i] * step / rate);
    std::printf("], \"downbeats\": [");
    for (size_t i = 0; i < downbeats.size(); i++) std::printf("%s%.4f", i ? ", " : "", beats[downbeats[i]] * step / rate);
    std::printf("]}\n");
}
