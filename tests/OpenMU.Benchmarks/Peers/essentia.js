// One job of another program on a file of raw mono float32 samples at 44,100 Hz: what MirBenchmark.cs and PeersBenchmark.cs
// compare with. Prints what was heard as JSON: tempo, beats (seconds), key, chords ([from, to, label]).
// Usage: NODE_PATH=FOLDER/node_modules node essentia.js FILE rhythm|degara|key|chords|music-tempo (npm install essentia.js music-tempo)
const fs = require('fs');

const [file, job] = process.argv.slice(2);
const bytes = fs.readFileSync(file);
const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

if (job === 'music-tempo') {
    const MusicTempo = require('music-tempo');
    const heard = new MusicTempo(samples);
    console.log(JSON.stringify({ tempo: Number(heard.tempo), beats: heard.beats }));
} else {
    const { Essentia, EssentiaWASM } = require('essentia.js');
    const essentia = new Essentia(EssentiaWASM);
    const jobs = {
        rhythm: () => rhythm(essentia, 'multifeature'),
        degara: () => rhythm(essentia, 'degara'),
        key: () => key(essentia),
        chords: () => ({ chords: chords(essentia) }),
    };
    console.log(JSON.stringify(jobs[job]()));
}

function rhythm(essentia, method) {
    const heard = essentia.RhythmExtractor2013(essentia.arrayToVector(samples), 208, method, 40);
    return { tempo: heard.bpm, beats: Array.from(essentia.vectorToArray(heard.ticks)) };
}

function key(essentia) {
    const heard = essentia.KeyExtractor(essentia.arrayToVector(samples));
    return { key: `${heard.key} ${heard.scale}` };
}

// Harmonic pitch class profiles of 8192 samples every 2048, as essentia's documentation chains them, then chords over windows of 2 s.
function chords(essentia) {
    const profiles = new essentia.module.VectorVectorFloat();
    const frames = essentia.FrameGenerator(samples, 8192, 2048);
    for (let i = 0; i < frames.size(); i++) {
        const windowed = essentia.Windowing(frames.get(i), true, 8192, 'blackmanharris62', 0, true).frame;
        const spectrum = essentia.Spectrum(windowed, 8192).spectrum;
        const peaks = essentia.SpectralPeaks(spectrum, 0.00001, 3500, 60, 60, 'magnitude', 44100);
        const whitened = essentia.SpectralWhitening(spectrum, peaks.frequencies, peaks.magnitudes, 3500, 44100).magnitudes;
        const profile = essentia.HPCP(peaks.frequencies, whitened, true, 500, 8, 3500, false, 36).hpcp;
        profiles.push_back(profile);
        for (const vector of [windowed, spectrum, peaks.frequencies, peaks.magnitudes, whitened, profile]) vector.delete();
    }
    const names = essentia.ChordsDetection(profiles, 2048, 44100, 2).chords;
    const segments = [];
    for (let i = 0; i < names.size(); i++) {
        const name = names.get(i);
        const label = name.endsWith('m') ? `${name.slice(0, -1)}:min` : `${name}:maj`;
        const [from, to] = [i * 2048 / 44100, (i + 1) * 2048 / 44100];
        if (segments.length > 0 && segments[segments.length - 1][2] === label) segments[segments.length - 1][1] = to;
        else segments.push([from, to, label]);
    }
    return segments;
}
