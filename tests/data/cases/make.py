#!/usr/bin/env python3
"""Writes the cases (needs BLAST+ on PATH) into ./ex; names differ from the folders here"""

import gzip, os, random, subprocess, json, shutil

os.makedirs("ex", exist_ok=True)
os.chdir("ex")
random.seed(7)
rnd = lambda n, a="ACGT": "".join(random.choice(a) for _ in range(n))
mut = lambda s, p, a="ACGT": "".join(random.choice(a) if random.random() < p else c for c in s)
rc = lambda s: s[::-1].translate(str.maketrans("ACGT", "TGCA"))


def sh(cmd, out=None):
    r = subprocess.run(cmd, shell=True, capture_output=True)
    return r


A = rnd(900)
B = rnd(700)
C = rnd(1200)
Q = [
    ('q1 first query with spaces, commas; and "quotes"', A),
    ("gnl|MYDB|q2|x second query", B),
    ("lcl|q3 no hit", rnd(400)),
    ("sp|P99999|Q4_TEST desc OS=Test", C[:600]),
    ("q5 #hash in title", rc(A[100:500])),
]
S = [
    ('subj1 Alpha beta, complete genome #1 <tag> & "quoted"', rnd(200) + A + rnd(300)),
    (
        "subj2 Caf\u00e9 virus isolate \u03b1",
        rnd(100) + mut(A[50:450], 0.03) + rnd(400) + mut(A[300:850], 0.04) + rnd(80),
    ),
    ("subj3 reverse", rnd(100) + rc(mut(B, 0.05)) + rnd(20)),
    ("subj4 repeats", "".join(mut(A[200:260], 0.02) + rnd(60) for _ in range(25))),
    ("subj5 multi taxa", mut(C, 0.02)),
    ("subj6 dup A", mut(C[:700], 0.08)),
]
fa = lambda L: "".join(f">{h}\n{x}\n" for h, x in L)
open("q.fa", "w").write(fa(Q))
open("s.fa", "w").write(fa(S))
open("nohit.fa", "w").write(fa([Q[2]]))
open("tax.txt", "w").write("subj1 9606\nsubj2 10090\nsubj5 562\nsubj6 562\n")
sh("makeblastdb -in s.fa -dbtype nucl -parse_seqids -taxid_map tax.txt -out pars")
sh("makeblastdb -in s.fa -dbtype nucl -out nopars")
b = "blastn -task blastn -evalue 1e-5 -query q.fa -db pars"
for f in (0, 5, 6, 7, 8, 10, 11, 13, 14, 15, 16, 17, 18):
    sh(f"{b} -outfmt {f} -out o{f}")
sh(f"blastn -query nohit.fa -db pars -evalue 1e-9 -outfmt 6 -out nohit6")
sh(f"blastn -query nohit.fa -db pars -evalue 1e-9 -outfmt 7 -out nohit7")
for f in (0, 5, 15, 16):
    sh(f"blastn -query nohit.fa -db pars -evalue 1e-9 -outfmt {f} -out nohit{f}")
sh(f'{b} -outfmt "10 qseqid sseqid staxid staxids stitle evalue" -out csv10')
sh(f'{b} -outfmt "7 std staxid staxids sscinames stitle qcovs qcovhsp qcovus sstrand" -out cols7')
sh(f'{b} -outfmt "6 evalue qseqid sseqid" -out order6')
sh(f'{b} -outfmt "6 delim=@ qseqid sseqid evalue" -out delim6')
sh('blastn -task blastn -evalue 1e-5 -query q.fa -db nopars -outfmt "6 sseqid sacc stitle" -out nopars6')
sh("blastn -task blastn -evalue 1e-5 -query q.fa -db nopars -outfmt 5 -out nopars5.xml")
sh("blastn -task blastn -evalue 1e-5 -query q.fa -subject s.fa -outfmt 5 -out subj5.xml")
# protein side
aa = "ACDEFGHIKLMNPQRSTVWY"
P = rnd(220, aa)
cod = dict(
    zip(
        "ACDEFGHIKLMNPQRSTVWY",
        [
            "GCT",
            "TGT",
            "GAT",
            "GAA",
            "TTT",
            "GGT",
            "CAT",
            "ATT",
            "AAA",
            "CTG",
            "ATG",
            "AAT",
            "CCT",
            "CAA",
            "CGT",
            "TCT",
            "ACT",
            "GTT",
            "TGG",
            "TAT",
        ],
    )
)
nt = "".join(cod[c] for c in P)
open("pq.fa", "w").write(f">prot\n{P}\n")
open("nq.fa", "w").write(f">nt_minus\n{rc(nt)}\n")
open("ns.fa", "w").write(f">nsub\n{rnd(50) + rc(nt) + rnd(50)}\n")
fam = "".join(f">fam{i} family member {i}\n{mut(P, 0.1 + 0.06 * i, aa)}\n" for i in range(10))
open("fam.fa", "w").write(fam)
sh("makeblastdb -in fam.fa -dbtype prot -parse_seqids -out fam")
sh("makeblastdb -in ns.fa -dbtype nucl -parse_seqids -out nsdb")
c = '"6 qseqid sseqid pident length qstart qend sstart send evalue bitscore qframe sframe sstrand qcovs qcovhsp"'
sh(f"blastx -query nq.fa -db fam -outfmt {c} -out blastx6")
sh(f"tblastn -query pq.fa -db nsdb -outfmt {c} -out tblastn6")
sh(f"tblastx -query nq.fa -db nsdb -outfmt {c} -out tblastx6")
sh("blastx -query nq.fa -db fam -outfmt 5 -out blastx5.xml")
sh("psiblast -query pq.fa -db fam -num_iterations 3 -outfmt 6 -out psi6")
sh("psiblast -query pq.fa -db fam -num_iterations 3 -outfmt 7 -out psi7")
sh("psiblast -query pq.fa -db fam -num_iterations 3 -outfmt 5 -out psi5.xml")
sh("psiblast -query pq.fa -db fam -num_iterations 3 -outfmt 15 -out psi15.json")
# identical sequences -> merged deflines
open("dup.fa", "w").write(f">accA one, chimp; alpha\n{P}\n>accB two human\n{P}\n>accC three mouse\n{P}\n")
open("dupt.txt", "w").write("accA 9598\naccB 9606\naccC 10090\n")
sh("makeblastdb -in dup.fa -dbtype prot -parse_seqids -taxid_map dupt.txt -out dup")
open("dupnr.fa", "wb").write(
    b">accA one, chimp; alpha\x01accB two human\x01accC three mouse\n" + P.encode() + b"\n"
)
sh("makeblastdb -in dupnr.fa -dbtype prot -parse_seqids -taxid_map dupt.txt -out dupnr")
sh('blastp -query pq.fa -db dupnr -outfmt "6 qseqid sallseqid staxids salltitles" -out dup6')
sh("blastp -query pq.fa -db dupnr -outfmt 5 -out dup5.xml")
sh("blastp -query pq.fa -db dupnr -outfmt 15 -out dup15.json")
# encodings
open("lat_q.fa", "wb").write(b">q_lat Sch\xe4ffer\n" + A[:120].encode() + b"\n")
open("utf_q.fa", "w").write(f">q_utf \u03b1-globin\n{A[:120]}\n")
for f in (5, 15, 16, 6, 7):
    sh(f"blastn -query lat_q.fa -db pars -outfmt {f} -out lat{f}")
rcs = {
    f: sh(f"blastn -query utf_q.fa -db pars -outfmt {f} -out utf{f}").returncode for f in (5, 15, 16, 6, 7)
}
# big score
L = rnd(60000)
open("long.fa", "w").write(f">long\n{L}\n")
sh("makeblastdb -in long.fa -dbtype nucl -parse_seqids -out longdb")
sh("blastn -query long.fa -db longdb -outfmt 6 -out long6")
# hand-made faults
x = open("o5", "rb").read()
open("trunc.xml", "wb").write(x[: len(x) * 2 // 3])
half = len(x) // 2
open("concat.xml", "wb").write(x + x)
open("view.xml", "wb").write(x.replace(b"<Iteration_hits>", b"CREATE_VIEW\n<Iteration_hits>", 1))
m = open("o7", "rb").read()
parts = [l + b"\n" for l in m.split(b"\n")]
open("multi.out.gz", "wb").write(gzip.compress(b"".join(parts[:12])) + gzip.compress(b"".join(parts[12:])))
g = gzip.compress(m)
open("trunc.out.gz", "wb").write(g[: len(g) - 40])
open("junk.out.gz", "wb").write(g + b"junk")
open("crlf7", "wb").write(m.replace(b"\n", b"\r\n"))
open("bom7", "wb").write(b"\xef\xbb\xbf" + m)
open("short6", "wb").write(open("o6", "rb").read().split(b"\n")[0] + b"\nq1\tsubj1\t98.2")
json.dump(rcs, open("utf_rc.json", "w"))
