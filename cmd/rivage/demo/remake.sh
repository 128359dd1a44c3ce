#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Remakes the demo's sound, WAV files in settings/prompts and speech: A-law, 8 000 Hz, mono. Needs the Debian packages espeak-ng and sox. The voices are
# synthetic and the texts invented; a real installation has its sentences spoken by a person.
set -euo pipefail
cd "$(dirname "$0")"
prompts=settings/prompts

say() { # name voice speed text
  espeak-ng -v "$2" -s "$3" -w "$1.tmp.wav" "$4"
  sox "$1.tmp.wav" -r 8000 -c 1 -e a-law -b 8 "$1.wav" gain -3 lowpass 3400 norm -6 pad 0.15 0.25
  rm "$1.tmp.wav"
}
prompt() { say "$prompts/$1" fr+f2 160 "$2"; }

prompt accueil-colis "Bonjour, et bienvenue à la Messagerie du Ponant."
prompt accueil-sante "Bonjour, vous êtes bien à la Mutuelle du Ponant."
prompt avis-enregistrement "Cet appel peut être enregistré, pour améliorer le service. Pour vous y opposer, tapez 9, à tout moment."
prompt situe-brest "Un conseiller situé en France, chez Armor Contact, va vous répondre."
prompt situe-saint-denis "Un conseiller situé à La Réunion, chez Bourbon Relation, va vous répondre."
prompt situe-lisbonne "Un conseiller situé au Portugal, chez Tejo Atendimento, va vous répondre."
prompt situe-casablanca "Un conseiller situé au Maroc, chez Atlas Relation, va vous répondre."
prompt situe-lome "Un conseiller situé au Togo, chez Golfe Contact, va vous répondre."
prompt situe-dakar "Un conseiller situé au Sénégal, chez Téranga Contact, va vous répondre."
prompt declare-brest "Un conseiller situé en France, selon la déclaration de l'entreprise, va vous répondre."
prompt declare-saint-denis "Un conseiller situé à La Réunion, selon la déclaration de l'entreprise, va vous répondre."
prompt declare-lisbonne "Un conseiller situé au Portugal, selon la déclaration de l'entreprise, va vous répondre."
prompt declare-casablanca "Un conseiller situé au Maroc, selon la déclaration de l'entreprise, va vous répondre."
prompt declare-lome "Un conseiller situé au Togo, selon la déclaration de l'entreprise, va vous répondre."
prompt declare-dakar "Un conseiller situé au Sénégal, selon la déclaration de l'entreprise, va vous répondre."
prompt place-unknown "Un conseiller dont le pays n'est pas vérifié va vous répondre."
prompt choix-france "Pour être pris en charge depuis la France, tapez 1, à tout moment."
prompt choix-pris "C'est noté. Un conseiller en France va vous répondre, à votre rang."
prompt choix-rappel "C'est noté. Personne n'est en poste en France à cette heure : nous vous rappellerons, à votre rang. Au revoir."
prompt wait-1 "Pour cette zone, l'attente estimée est de moins d'une minute."
for n in 2 3 4 5 6 7 8 9 10; do prompt "wait-$n" "Pour cette zone, l'attente estimée est de moins de $n minutes."; done
prompt wait-more "Pour cette zone, l'attente estimée est de plus de dix minutes."
prompt personne "Aucun conseiller en poste n'est autorisé à traiter votre demande. Nous vous rappellerons, à votre rang. Au revoir."
prompt position-1 "Vous êtes le prochain à être servi."
for n in 2 3 4 5 6 7 8 9 10; do prompt "position-$n" "Vous êtes en position $n."; done
prompt position-more "Plus de dix personnes attendent avant vous. Merci de votre patience."

say speech/appelant-1 fr+f4 155 "Bonjour. J'attends un colis depuis mardi, et le suivi n'a pas changé depuis trois jours. Pouvez-vous me dire où il se trouve ?"
say speech/appelant-2 fr+m3 160 "Oui bonjour, le livreur est passé hier alors que j'étais à la maison, et j'ai seulement trouvé un avis de passage."
say speech/appelant-3 fr+m7 145 "Bonjour madame. Je voudrais changer l'adresse de livraison de mon paquet, s'il vous plaît. Je pars en vacances demain."
say speech/appelant-4 fr+f3 150 "Bonjour, j'appelle au sujet d'un remboursement de soins qui n'est toujours pas arrivé sur mon compte."
say speech/appelant-5 fr+m1 155 "Bonjour, ma carte de mutuelle est arrivée avec une erreur dans le prénom de ma fille. Comment la faire corriger ?"

# Music on hold: a slow sequence of chords, ours, made of sine waves.
chord() { sox -n -r 8000 -c 1 "m$1.tmp.wav" synth 3.2 sine "$2" synth 3.2 sine mix "$3" synth 3.2 sine mix "$4" fade q 0.5 3.2 0.9 gain -14; }
chord 1 261.6 329.6 392.0; chord 2 220.0 261.6 329.6; chord 3 174.6 220.0 261.6; chord 4 196.0 246.9 293.7
chord 5 261.6 329.6 493.9; chord 6 220.0 329.6 392.0; chord 7 174.6 261.6 349.2; chord 8 196.0 293.7 392.0
sox m?.tmp.wav -e a-law -b 8 -r 8000 "$prompts/musique.wav"
rm m?.tmp.wav
