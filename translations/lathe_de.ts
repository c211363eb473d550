<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
<context>
    <name>Actions</name>
    <message>
        <source>&amp;New recipe</source>
        <translation>&amp;Neues Rezept</translation>
    </message>
    <message>
        <source>Start a recipe from the defaults</source>
        <translation>Ein Rezept aus den Vorgaben beginnen</translation>
    </message>
    <message>
        <source>&amp;Open project…</source>
        <translation>Pro&amp;jekt öffnen…</translation>
    </message>
    <message>
        <source>Open another project folder</source>
        <translation>Einen anderen Projektordner öffnen</translation>
    </message>
    <message>
        <source>&amp;Export adapter…</source>
        <translation>Adapter &amp;exportieren…</translation>
    </message>
    <message>
        <source>Write the trained adapter as a folder that PEFT can load</source>
        <translation>Den trainierten Adapter als Ordner schreiben, den PEFT laden kann</translation>
    </message>
    <message>
        <source>Export &amp;values as CSV…</source>
        <translation>&amp;Werte als CSV exportieren…</translation>
    </message>
    <message>
        <source>Write every point of the run to a CSV file</source>
        <translation>Jeden Punkt des Laufs in eine CSV-Datei schreiben</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>Close Lathe; a running training is asked about first</source>
        <translation>Lathe schließen; nach einem laufenden Training wird erst gefragt</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>Take back the last change of the recipe</source>
        <translation>Die letzte Änderung des Rezepts zurücknehmen</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>Make the change again that was taken back</source>
        <translation>Die zurückgenommene Änderung wieder machen</translation>
    </message>
    <message>
        <source>&amp;Filter</source>
        <translation>&amp;Filtern</translation>
    </message>
    <message>
        <source>Go to the filter of the page</source>
        <translation>Zum Filter der Seite gehen</translation>
    </message>
    <message>
        <source>Re&amp;name…</source>
        <translation>&amp;Umbenennen…</translation>
    </message>
    <message>
        <source>Give the selected run another name</source>
        <translation>Dem gewählten Lauf einen anderen Namen geben</translation>
    </message>
    <message>
        <source>Move to &amp;trash</source>
        <translation>In den &amp;Papierkorb</translation>
    </message>
    <message>
        <source>Put the selected run into the trash; nothing is erased</source>
        <translation>Den gewählten Lauf in den Papierkorb legen; nichts wird gelöscht</translation>
    </message>
    <message>
        <source>&amp;Start page</source>
        <translation>&amp;Startseite</translation>
    </message>
    <message>
        <source>Go to the start page</source>
        <translation>Zur Startseite gehen</translation>
    </message>
    <message>
        <source>&amp;Recipe</source>
        <translation>&amp;Rezept</translation>
    </message>
    <message>
        <source>Go to the recipe being edited</source>
        <translation>Zum Rezept gehen, das bearbeitet wird</translation>
    </message>
    <message>
        <source>&amp;Live run</source>
        <translation>&amp;Laufendes</translation>
    </message>
    <message>
        <source>Go to the run that is going on or was chosen last</source>
        <translation>Zum Lauf gehen, der gerade läuft oder zuletzt gewählt wurde</translation>
    </message>
    <message>
        <source>&amp;Table of runs</source>
        <translation>&amp;Tabelle der Läufe</translation>
    </message>
    <message>
        <source>Go to all runs of the project</source>
        <translation>Zu allen Läufen des Projekts gehen</translation>
    </message>
    <message>
        <source>&amp;Advanced fields</source>
        <translation>Weitere &amp;Felder</translation>
    </message>
    <message>
        <source>Show every field of the recipe</source>
        <translation>Jedes Feld des Rezepts zeigen</translation>
    </message>
    <message>
        <source>Lo&amp;garithmic loss</source>
        <translation>Verlust lo&amp;garithmisch</translation>
    </message>
    <message>
        <source>Draw the loss on a logarithmic axis</source>
        <translation>Den Verlust auf einer logarithmischen Achse zeichnen</translation>
    </message>
    <message>
        <source>L&amp;og</source>
        <translation>&amp;Protokoll</translation>
    </message>
    <message>
        <source>Show what has happened, line by line</source>
        <translation>Zeigen, was geschehen ist, Zeile für Zeile</translation>
    </message>
    <message>
        <source>Colours of the deskto&amp;p</source>
        <translation>Farben des &amp;Desktops</translation>
    </message>
    <message>
        <source>Light or dark as the desktop is</source>
        <translation>Hell oder dunkel wie der Desktop</translation>
    </message>
    <message>
        <source>L&amp;ight colours</source>
        <translation>&amp;Helle Farben</translation>
    </message>
    <message>
        <source>Dark text on light ground</source>
        <translation>Dunkler Text auf hellem Grund</translation>
    </message>
    <message>
        <source>Dar&amp;k colours</source>
        <translation>&amp;Dunkle Farben</translation>
    </message>
    <message>
        <source>Light text on dark ground</source>
        <translation>Heller Text auf dunklem Grund</translation>
    </message>
    <message>
        <source>Larg&amp;er text</source>
        <translation>&amp;Größerer Text</translation>
    </message>
    <message>
        <source>Make everything larger</source>
        <translation>Alles größer machen</translation>
    </message>
    <message>
        <source>Smaller te&amp;xt</source>
        <translation>&amp;Kleinerer Text</translation>
    </message>
    <message>
        <source>Make everything smaller</source>
        <translation>Alles kleiner machen</translation>
    </message>
    <message>
        <source>&amp;Usual size</source>
        <translation>&amp;Übliche Größe</translation>
    </message>
    <message>
        <source>Back to the size of the desktop</source>
        <translation>Zurück zur Größe des Desktops</translation>
    </message>
    <message>
        <source>&amp;Full screen</source>
        <translation>&amp;Vollbild</translation>
    </message>
    <message>
        <source>Use the whole screen</source>
        <translation>Den ganzen Bildschirm nutzen</translation>
    </message>
    <message>
        <source>&amp;Try it now</source>
        <translation>Jetzt &amp;ausprobieren</translation>
    </message>
    <message>
        <source>Open the built-in example, ready to start</source>
        <translation>Das eingebaute Beispiel öffnen, startbereit</translation>
    </message>
    <message>
        <source>&amp;Start</source>
        <translation>&amp;Starten</translation>
    </message>
    <message>
        <source>Train with the recipe as it is</source>
        <translation>Mit dem Rezept trainieren, wie es ist</translation>
    </message>
    <message>
        <source>&amp;Pause or resume</source>
        <translation>&amp;Pause oder weiter</translation>
    </message>
    <message>
        <source>Hold the training after the current step, or go on</source>
        <translation>Das Training nach diesem Schritt anhalten oder fortsetzen</translation>
    </message>
    <message>
        <source>Stop and &amp;keep</source>
        <translation>Anhalten und &amp;behalten</translation>
    </message>
    <message>
        <source>End the training after the current step and keep what was trained</source>
        <translation>Das Training nach diesem Schritt beenden und das Gelernte behalten</translation>
    </message>
    <message>
        <source>&amp;Resume interrupted run</source>
        <translation>Unterbrochenen Lauf &amp;fortsetzen</translation>
    </message>
    <message>
        <source>Go on with the selected run from its last checkpoint</source>
        <translation>Den gewählten Lauf vom letzten Sicherungspunkt aus fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Clone</source>
        <translation>&amp;Klonen</translation>
    </message>
    <message>
        <source>Make a recipe from the selected run</source>
        <translation>Aus dem gewählten Lauf ein Rezept machen</translation>
    </message>
    <message>
        <source>Make &amp;study</source>
        <translation>&amp;Studie daraus machen</translation>
    </message>
    <message>
        <source>Offer a range for every field that can be searched</source>
        <translation>Für jedes durchsuchbare Feld einen Bereich anbieten</translation>
    </message>
    <message>
        <source>&amp;Command palette…</source>
        <translation>&amp;Befehlspalette…</translation>
    </message>
    <message>
        <source>Find and do anything by its name</source>
        <translation>Alles beim Namen finden und ausführen</translation>
    </message>
    <message>
        <source>&amp;Reset layout</source>
        <translation>Anordnung &amp;zurücksetzen</translation>
    </message>
    <message>
        <source>Put every panel back to where it was at first</source>
        <translation>Jedes Feld dorthin zurücksetzen, wo es anfangs war</translation>
    </message>
    <message>
        <source>&amp;English</source>
        <translation>&amp;English</translation>
    </message>
    <message>
        <source>Show Lathe in English</source>
        <translation>Lathe auf Englisch zeigen</translation>
    </message>
    <message>
        <source>&amp;Deutsch</source>
        <translation>&amp;Deutsch</translation>
    </message>
    <message>
        <source>Show Lathe in German</source>
        <translation>Lathe auf Deutsch zeigen</translation>
    </message>
    <message>
        <source>&amp;Manual</source>
        <translation>&amp;Handbuch</translation>
    </message>
    <message>
        <source>Open the manual; it needs no network</source>
        <translation>Das Handbuch öffnen; es braucht kein Netz</translation>
    </message>
    <message>
        <source>&amp;What&apos;s This?</source>
        <translation>&amp;Was ist das?</translation>
    </message>
    <message>
        <source>Then click on anything to hear what it is</source>
        <translation>Danach auf etwas klicken, um zu erfahren, was es ist</translation>
    </message>
    <message>
        <source>&amp;Keyboard</source>
        <translation>&amp;Tastatur</translation>
    </message>
    <message>
        <source>List every shortcut</source>
        <translation>Alle Tastenkürzel auflisten</translation>
    </message>
    <message>
        <source>&amp;About Lathe</source>
        <translation>&amp;Über Lathe</translation>
    </message>
    <message>
        <source>Version, licence and the libraries inside</source>
        <translation>Version, Lizenz und die enthaltenen Bibliotheken</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>&amp;Lauf</translation>
    </message>
    <message>
        <source>&amp;Study</source>
        <translation>&amp;Studie</translation>
    </message>
    <message>
        <source>&amp;Tools</source>
        <translation>&amp;Extras</translation>
    </message>
    <message>
        <source>&amp;Window</source>
        <translation>&amp;Fenster</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>Add &amp;model folder…</source>
        <translation>&amp;Modellordner hinzufügen…</translation>
    </message>
    <message>
        <source>Take a model, or a folder with models, into the library</source>
        <translation>Ein Modell oder einen Ordner mit Modellen in die Bibliothek aufnehmen</translation>
    </message>
    <message>
        <source>&amp;Models</source>
        <translation>&amp;Modelle</translation>
    </message>
    <message>
        <source>Go to the models this machine has</source>
        <translation>Zu den Modellen gehen, die auf diesem Rechner sind</translation>
    </message>
    <message>
        <source>&amp;Download a model…</source>
        <translation>Modell &amp;herunterladen…</translation>
    </message>
    <message>
        <source>Fetch a model from the Hugging Face hub</source>
        <translation>Ein Modell vom Hugging-Face-Hub holen</translation>
    </message>
    <message>
        <source>&amp;Allow downloads</source>
        <translation>Herunterladen &amp;erlauben</translation>
    </message>
    <message>
        <source>Let Lathe fetch models when asked to; off, it never uses the network</source>
        <translation>Lathe darf Modelle holen, wenn Sie es verlangen; ausgeschaltet nutzt es nie das Netz</translation>
    </message>
    <message>
        <source>&amp;Chat</source>
        <translation>&amp;Chat</translation>
    </message>
    <message>
        <source>Talk with a model, with or without an adapter</source>
        <translation>Mit einem Modell reden, mit oder ohne Adapter</translation>
    </message>
    <message>
        <source>Chat &amp;with this adapter</source>
        <translation>&amp;Mit diesem Adapter chatten</translation>
    </message>
    <message>
        <source>Ask what the selected run has learnt</source>
        <translation>Fragen, was der gewählte Lauf gelernt hat</translation>
    </message>
    <message>
        <source>Where the adapter &amp;goes…</source>
        <translation>&amp;Wo der Adapter sitzt…</translation>
    </message>
    <message>
        <source>Show the model&apos;s places and switch them on and off</source>
        <translation>Zeigt die Stellen des Modells und schaltet sie ein und aus</translation>
    </message>
    <message>
        <source>Com&amp;bine adapters…</source>
        <translation>Adapter &amp;vereinen…</translation>
    </message>
    <message>
        <source>Make one adapter out of several of the same base model</source>
        <translation>Macht aus mehreren Adaptern desselben Basismodells einen</translation>
    </message>
    <message>
        <source>Open &amp;data file…</source>
        <translation>&amp;Datendatei öffnen…</translation>
    </message>
    <message>
        <source>Look at a data file in the studio, to train with it</source>
        <translation>Eine Datendatei im Studio ansehen, um mit ihr zu trainieren</translation>
    </message>
    <message>
        <source>&amp;Dataset studio</source>
        <translation>&amp;Datenstudio</translation>
    </message>
    <message>
        <source>Look at a data file as the model will see it</source>
        <translation>Eine Datendatei so ansehen, wie das Modell sie sieht</translation>
    </message>
    <message>
        <source>Export &amp;rows of an evaluation…</source>
        <translation>&amp;Zeilen einer Auswertung exportieren…</translation>
    </message>
    <message>
        <source>Write what became of every row to a CSV or JSON lines file</source>
        <translation>Schreibt, was aus jeder Zeile wurde, in eine CSV- oder JSON-Lines-Datei</translation>
    </message>
    <message>
        <source>E&amp;valuate</source>
        <translation>Aus&amp;wertung</translation>
    </message>
    <message>
        <source>Score a model on a data file and read its answers</source>
        <translation>Ein Modell an einer Datendatei messen und seine Antworten lesen</translation>
    </message>
    <message>
        <source>&amp;Evaluate this adapter</source>
        <translation>Diesen Adapter auswer&amp;ten</translation>
    </message>
    <message>
        <source>Score what the selected run has learnt on a data file</source>
        <translation>Messen, was der gewählte Lauf gelernt hat</translation>
    </message>
    <message>
        <source>Pa&amp;use or go on with the evaluation</source>
        <translation>A&amp;uswertung anhalten oder fortsetzen</translation>
    </message>
    <message>
        <source>Hold the evaluation after the rows being answered, or go on</source>
        <translation>Hält die Auswertung nach den Zeilen an, die gerade beantwortet werden, oder setzt sie fort</translation>
    </message>
    <message>
        <source>Stop the e&amp;valuation</source>
        <translation>Auswertung been&amp;den</translation>
    </message>
    <message>
        <source>End the evaluation; what was answered stays, and it can go on later</source>
        <translation>Beendet die Auswertung; was beantwortet ist, bleibt, und sie kann später weitergehen</translation>
    </message>
    <message>
        <source>Resu&amp;me the evaluation</source>
        <translation>Auswertung w&amp;iederaufnehmen</translation>
    </message>
    <message>
        <source>Ask the rows that an interrupted evaluation has left</source>
        <translation>Fragt die Zeilen, die eine unterbrochene Auswertung übrig ließ</translation>
    </message>
    <message>
        <source>Study &amp;board</source>
        <translation>St&amp;udie</translation>
    </message>
    <message>
        <source>Go to the curves and trials of a study</source>
        <translation>Zu den Kurven und Versuchen einer Studie gehen</translation>
    </message>
    <message>
        <source>Show the study of this &amp;run</source>
        <translation>Die Studie dieses &amp;Laufs zeigen</translation>
    </message>
    <message>
        <source>Go to the board of the study that the selected run belongs to</source>
        <translation>Zur Übersicht der Studie gehen, zu der der gewählte Lauf gehört</translation>
    </message>
    <message>
        <source>&amp;Use trial as recipe</source>
        <translation>Versuch als &amp;Rezept nehmen</translation>
    </message>
    <message>
        <source>Take the values of the selected trial into the recipe</source>
        <translation>Die Werte des gewählten Versuchs ins Rezept übernehmen</translation>
    </message>
    <message>
        <source>Pause or resume &amp;trial</source>
        <translation>&amp;Versuch anhalten oder fortsetzen</translation>
    </message>
    <message>
        <source>Hold the selected trial after its current step, or go on with it</source>
        <translation>Den gewählten Versuch nach dem laufenden Schritt anhalten oder fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Prune trial</source>
        <translation>Versuch &amp;abbrechen</translation>
    </message>
    <message>
        <source>End the selected trial as the pruner would; the study goes on</source>
        <translation>Den gewählten Versuch abbrechen, wie es die Suche täte; die Studie geht weiter</translation>
    </message>
    <message>
        <source>Stop tri&amp;al</source>
        <translation>Versuch be&amp;enden</translation>
    </message>
    <message>
        <source>End the selected trial and keep what was trained; the study goes on</source>
        <translation>Den gewählten Versuch beenden und das Gelernte behalten; die Studie geht weiter</translation>
    </message>
    <message>
        <source>Pause or resume stud&amp;y</source>
        <translation>Studie anhalten oder &amp;fortsetzen</translation>
    </message>
    <message>
        <source>Hold every running trial of the study, or go on</source>
        <translation>Alle laufenden Versuche der Studie anhalten oder fortsetzen</translation>
    </message>
    <message>
        <source>St&amp;op study</source>
        <translation>Studie &amp;beenden</translation>
    </message>
    <message>
        <source>End the study and keep all its trials; it can go on later</source>
        <translation>Die Studie beenden und alle Versuche behalten; sie kann später weitergehen</translation>
    </message>
    <message>
        <source>&amp;Go on with study</source>
        <translation>Mit der Studie &amp;weitermachen</translation>
    </message>
    <message>
        <source>Go on with the interrupted trials of the study and those that are missing</source>
        <translation>Mit den unterbrochenen Versuchen der Studie und den fehlenden weitermachen</translation>
    </message>
    <message>
        <source>Open tr&amp;ial</source>
        <translation>Versuch öff&amp;nen</translation>
    </message>
    <message>
        <source>Show the charts and samples of the selected trial (Enter in the table)</source>
        <translation>Diagramme und Proben des gewählten Versuchs zeigen (Eingabetaste in der Tabelle)</translation>
    </message>
    <message>
        <source>Tick trial for co&amp;mparison</source>
        <translation>Versuch zum Vergleichen an&amp;kreuzen</translation>
    </message>
    <message>
        <source>Tick the selected trial, or take its tick away</source>
        <translation>Den gewählten Versuch ankreuzen oder das Kreuz wegnehmen</translation>
    </message>
    <message>
        <source>&amp;Compare ticked trials…</source>
        <translation>Angekreuzte ver&amp;gleichen…</translation>
    </message>
    <message>
        <source>Lay the ticked trials&apos; curves, results and recipes beside one another</source>
        <translation>Kurven, Ergebnisse und Rezepte der angekreuzten Versuche nebeneinanderlegen</translation>
    </message>
    <message>
        <source>Promote the &amp;winner…</source>
        <translation>Den Sieger neh&amp;men…</translation>
    </message>
    <message>
        <source>Take the best trial&apos;s values into the recipe and export its adapter</source>
        <translation>Die Werte des besten Versuchs ins Rezept übernehmen und seinen Adapter exportieren</translation>
    </message>
    <message>
        <source>Protect or r&amp;elease trial</source>
        <translation>Versuch s&amp;chützen oder freigeben</translation>
    </message>
    <message>
        <source>Keep the pruner from ending the selected trial, or let it again</source>
        <translation>Den gewählten Versuch vor dem Abbruch schützen oder ihn wieder zulassen</translation>
    </message>
    <message>
        <source>A&amp;dd a trial…</source>
        <translation>Versuch hin&amp;zufügen…</translation>
    </message>
    <message>
        <source>Run values of your own as a trial of the study</source>
        <translation>Eigene Werte als Versuch der Studie laufen lassen</translation>
    </message>
    <message>
        <source>Clo&amp;ne trial with changes…</source>
        <translation>Versuch abwan&amp;deln…</translation>
    </message>
    <message>
        <source>Run the selected trial&apos;s values again, with some of them changed</source>
        <translation>Die Werte des gewählten Versuchs noch einmal laufen lassen, einige davon geändert</translation>
    </message>
    <message>
        <source>Change the &amp;budget…</source>
        <translation>B&amp;udget ändern…</translation>
    </message>
    <message>
        <source>More or fewer trials, steps or hours, while the study runs or later</source>
        <translation>Mehr oder weniger Versuche, Schritte oder Stunden, während die Studie läuft oder danach</translation>
    </message>
    <message>
        <source>Confirm the &amp;finalists…</source>
        <translation>Finalisten bestä&amp;tigen…</translation>
    </message>
    <message>
        <source>Run the best trials again with other seeds, to tell skill from luck</source>
        <translation>Die besten Versuche mit anderen Startwerten wiederholen, um Können von Glück zu trennen</translation>
    </message>
    <message>
        <source>Compare recipes with contro&amp;ls…</source>
        <translation>Rezepte mit Kontro&amp;llen vergleichen …</translation>
    </message>
    <message>
        <source>A prepared study of a few recipes, each trained with several seeds</source>
        <translation>Eine vorbereitete Studie weniger Rezepte, jedes mit mehreren Startwerten trainiert</translation>
    </message>
    <message>
        <source>Mo&amp;ve trial up in the queue</source>
        <translation>Versuch in der Warteschlange nach v&amp;orn</translation>
    </message>
    <message>
        <source>Let the selected trial, which waits, change turns with the one before it</source>
        <translation>Den gewählten wartenden Versuch mit dem vor ihm tauschen lassen</translation>
    </message>
    <message>
        <source>Move trial down in the &amp;queue</source>
        <translation>Versuch in der Warteschlange nach &amp;hinten</translation>
    </message>
    <message>
        <source>Let the selected trial, which waits, change turns with the one behind it</source>
        <translation>Den gewählten wartenden Versuch mit dem hinter ihm tauschen lassen</translation>
    </message>
    <message>
        <source>Pr&amp;ofile a step…</source>
        <translation>&amp;Einen Schritt vermessen…</translation>
    </message>
    <message>
        <source>Measure what the time of a training step goes to</source>
        <translation>Messen, wohin die Zeit eines Trainingsschritts geht</translation>
    </message>
</context>
<context>
    <name>Charts</name>
    <message>
        <source>%1: no finite value.</source>
        <translation>%1: kein endlicher Wert.</translation>
    </message>
    <message>
        <source>%1: first %2, last %3, lowest %4 at %5, highest %6 at %7.</source>
        <translation>%1: zuerst %2, zuletzt %3, niedrigster %4 bei %5, höchster %6 bei %7.</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>axis label (unit)</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>(smoothed %1)</source>
        <translation>(geglättet %1)</translation>
    </message>
    <message>
        <source>at %1</source>
        <comment>at this x</comment>
        <translation>bei %1</translation>
    </message>
    <message>
        <source>No data yet.</source>
        <translation>Noch keine Daten.</translation>
    </message>
    <message>
        <source>%1 over %2.</source>
        <comment>y axis over x axis</comment>
        <translation>%1 über %2.</translation>
    </message>
    <message numerus="yes">
        <source>%n series</source>
        <translation>
            <numerusform>%n Reihe</numerusform>
            <numerusform>%n Reihen</numerusform>
        </translation>
    </message>
    <message>
        <source>, from %1 to %2</source>
        <translation>, von %1 bis %2</translation>
    </message>
</context>
<context>
    <name>ColumnRoles</name>
    <message>
        <source>Instruction</source>
        <translation>Anweisung</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Second text</source>
        <translation>Zweiter Text</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Gespräch</translation>
    </message>
    <message>
        <source>Chosen answer</source>
        <translation>Bessere Antwort</translation>
    </message>
    <message>
        <source>Rejected answer</source>
        <translation>Schlechtere Antwort</translation>
    </message>
</context>
<context>
    <name>Dataset</name>
    <message>
        <source>No row of this file can be used: see Versions.</source>
        <translation>Keine Zeile dieser Datei ist brauchbar: siehe Versionen.</translation>
    </message>
    <message>
        <source>Choose what to train on: a text, a conversation, or an instruction and its answer.</source>
        <translation>Wählen Sie, womit trainiert wird: einen Text, ein Gespräch oder eine Anweisung mit ihrer Antwort.</translation>
    </message>
</context>
<context>
    <name>Examples</name>
    <message>
        <source>Answers from a passage</source>
        <translation>Antworten aus einem Text</translation>
    </message>
    <message>
        <source>Reads a short passage and answers a question about it in a word or two.</source>
        <translation>Liest einen kurzen Text und beantwortet eine Frage dazu mit ein, zwei Wörtern.</translation>
    </message>
    <message>
        <source>Sentiment of reviews</source>
        <translation>Stimmung von Bewertungen</translation>
    </message>
    <message>
        <source>Tells whether a short review is positive or negative.</source>
        <translation>Sagt, ob eine kurze Bewertung positiv oder negativ ist.</translation>
    </message>
    <message>
        <source>Word problems</source>
        <translation>Textaufgaben</translation>
    </message>
    <message>
        <source>Solves small sums told as stories and answers with a number.</source>
        <translation>Löst kleine Rechnungen, die als Geschichte erzählt sind, und antwortet mit einer Zahl.</translation>
    </message>
</context>
<context>
    <name>ExportFormats</name>
    <message>
        <source>Merged model</source>
        <translation>Verschmolzenes Modell</translation>
    </message>
    <message>
        <source>A whole Hugging Face model with the adapter folded into its weights, for any program</source>
        <translation>Ein ganzes Hugging-Face-Modell mit dem Adapter in seinen Gewichten, für jedes Programm</translation>
    </message>
    <message>
        <source>GGUF adapter</source>
        <translation>GGUF-Adapter</translation>
    </message>
    <message>
        <source>One file that llama.cpp loads onto a base model in GGUF</source>
        <translation>Eine Datei, die llama.cpp auf ein Basismodell in GGUF lädt</translation>
    </message>
</context>
<context>
    <name>HelpDialogs</name>
    <message>
        <source>&amp;Close</source>
        <translation>&amp;Schließen</translation>
    </message>
    <message>
        <source>About Lathe</source>
        <translation>Über Lathe</translation>
    </message>
    <message>
        <source>Free software under the GNU General Public License, version 3 or later. It comes with no warranty.</source>
        <translation>Freie Software unter der GNU General Public License, Version 3 oder später. Ohne jede Gewährleistung.</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Aktion</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>A workbench for fine-tuning language models with adapters. It works on this machine alone; it uses the network only to download a model, if you allow that.</source>
        <translation>Eine Werkbank zur Feinabstimmung von Sprachmodellen mit Adaptern. Sie arbeitet nur auf diesem Rechner; das Netz nutzt sie nur, um ein Modell herunterzuladen, wenn Sie das erlauben.</translation>
    </message>
</context>
<context>
    <name>Metrics</name>
    <message>
        <source>Training loss</source>
        <translation>Trainingsverlust</translation>
    </message>
    <message>
        <source>Evaluation loss</source>
        <translation>Prüfverlust</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Right tokens</source>
        <translation>Richtige Token</translation>
    </message>
    <message>
        <source>Macro F1</source>
        <translation>Makro-F1</translation>
    </message>
    <message>
        <source>Matthews correlation</source>
        <translation>Matthews-Korrelation</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>Gradient norm</source>
        <translation>Gradientennorm</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>Token pro Sekunde</translation>
    </message>
    <message>
        <source>Trained parameters</source>
        <translation>Trainierte Parameter</translation>
    </message>
    <message>
        <source>Quantisation: error of weights</source>
        <translation>Quantisierung: Fehler der Gewichte</translation>
    </message>
    <message>
        <source>Quantisation: largest error of weights</source>
        <translation>Quantisierung: größter Fehler der Gewichte</translation>
    </message>
    <message>
        <source>Quantisation: error of tokens</source>
        <translation>Quantisierung: Fehler der Tokens</translation>
    </message>
    <message>
        <source>Quantisation: largest error of tokens</source>
        <translation>Quantisierung: größter Fehler der Tokens</translation>
    </message>
    <message>
        <source>Quantisation: error of scores</source>
        <translation>Quantisierung: Fehler der Werte</translation>
    </message>
    <message>
        <source>Quantisation: largest error of scores</source>
        <translation>Quantisierung: größter Fehler der Werte</translation>
    </message>
    <message>
        <source>Test: %1</source>
        <translation>Test: %1</translation>
    </message>
    <message>
        <source>F1 of the second label</source>
        <translation>F1 der zweiten Klasse</translation>
    </message>
    <message>
        <source>Pearson correlation</source>
        <translation>Pearson-Korrelation</translation>
    </message>
    <message>
        <source>Spearman correlation</source>
        <translation>Spearman-Korrelation</translation>
    </message>
    <message>
        <source>Mean squared error</source>
        <translation>Mittlerer quadratischer Fehler</translation>
    </message>
    <message>
        <source>Mean absolute error</source>
        <translation>Mittlerer absoluter Fehler</translation>
    </message>
    <message>
        <source>Coefficient of determination</source>
        <translation>Bestimmtheitsmaß</translation>
    </message>
    <message>
        <source>Accuracy by length-normalised likelihood</source>
        <translation>Genauigkeit nach längennormierter Wahrscheinlichkeit</translation>
    </message>
    <message>
        <source>Exact match</source>
        <translation>Genaue Übereinstimmung</translation>
    </message>
    <message>
        <source>F1 of words</source>
        <translation>F1 der Wörter</translation>
    </message>
    <message>
        <source>ROUGE-1</source>
        <translation>ROUGE-1</translation>
    </message>
    <message>
        <source>ROUGE-2</source>
        <translation>ROUGE-2</translation>
    </message>
    <message>
        <source>ROUGE-L</source>
        <translation>ROUGE-L</translation>
    </message>
    <message>
        <source>BLEU</source>
        <translation>BLEU</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Time (s)</source>
        <translation>Zeit (s)</translation>
    </message>
    <message>
        <source>Best: %1</source>
        <translation>Bestes: %1</translation>
    </message>
    <message>
        <source>Parameters that are on</source>
        <translation>Eingeschaltete Parameter</translation>
    </message>
    <message>
        <source>Modules that are on</source>
        <translation>Eingeschaltete Module</translation>
    </message>
</context>
<context>
    <name>ParamSchema</name>
    <message>
        <source>Random</source>
        <translation>Zufällig</translation>
    </message>
    <message>
        <source>Column that holds the label. Empty: found by its name or its few values.</source>
        <translation>Spalte mit dem Etikett. Leer: am Namen oder an ihren wenigen Werten erkannt.</translation>
    </message>
    <message>
        <source>Longer rows are cut or left out, as the next field says, and counted.</source>
        <translation>Längere Zeilen werden gekürzt oder weggelassen, wie das nächste Feld es sagt, und gezählt.</translation>
    </message>
    <message>
        <source>Rows that are too long</source>
        <translation>Zu lange Zeilen</translation>
    </message>
    <message>
        <source>Cut the prompt from its beginning and keep the answer whole, cut the answer at its end, or leave the row out.</source>
        <translation>Die Eingabe an ihrem Anfang kürzen und die Antwort ganz behalten, die Antwort an ihrem Ende kürzen, oder die Zeile weglassen.</translation>
    </message>
    <message>
        <source>Cut the prompt</source>
        <translation>Die Eingabe kürzen</translation>
    </message>
    <message>
        <source>Cut the answer</source>
        <translation>Die Antwort kürzen</translation>
    </message>
    <message>
        <source>Leave them out</source>
        <translation>Weglassen</translation>
    </message>
    <message>
        <source>Pack short rows</source>
        <translation>Kurze Zeilen packen</translation>
    </message>
    <message>
        <source>Fill each sequence with as many rows as fit; they do not see each other. A step then takes the batch size times the longest sequence in tokens.</source>
        <translation>Jede Folge mit so vielen Zeilen füllen, wie hineinpassen; sie sehen einander nicht. Ein Schritt nimmt dann die Stapelgröße mal die längste Folge an Token.</translation>
    </message>
    <message>
        <source>The model&apos;s chat template</source>
        <translation>Die Chat-Vorlage des Modells</translation>
    </message>
    <message>
        <source>Your own</source>
        <translation>Eigene</translation>
    </message>
    <message>
        <source>Your prompt</source>
        <translation>Ihre Eingabe</translation>
    </message>
    <message>
        <source>{instruction}, {input}, {system} or any {column} stand for what the row has there, {{ and }} for braces. The answer follows where the text ends.</source>
        <translation>{instruction}, {input}, {system} oder eine beliebige {Spalte} stehen für das, was die Zeile dort hat, {{ und }} für Klammern. Die Antwort folgt, wo der Text endet.</translation>
    </message>
    <message>
        <source>Your prompt without input</source>
        <translation>Ihre Eingabe ohne Zusatz</translation>
    </message>
    <message>
        <source>For rows without an input. Empty: the same as with one.</source>
        <translation>Für Zeilen ohne Zusatz. Leer: dieselbe wie mit einem.</translation>
    </message>
    <message>
        <source>Instruction column</source>
        <translation>Spalte der Anweisung</translation>
    </message>
    <message>
        <source>Column that holds what is asked. Empty: found by its name.</source>
        <translation>Spalte mit dem, was gefragt wird. Leer: am Namen erkannt.</translation>
    </message>
    <message>
        <source>Input column</source>
        <translation>Spalte des Zusatzes</translation>
    </message>
    <message>
        <source>Column that holds what the instruction is about. Empty: found by its name, if there is one.</source>
        <translation>Spalte mit dem, worum es in der Anweisung geht. Leer: am Namen erkannt, wenn es eine gibt.</translation>
    </message>
    <message>
        <source>Answer column</source>
        <translation>Spalte der Antwort</translation>
    </message>
    <message>
        <source>Column that holds the answer. Empty: found by its name.</source>
        <translation>Spalte mit der Antwort. Leer: am Namen erkannt.</translation>
    </message>
    <message>
        <source>System column</source>
        <translation>Spalte des Systemtexts</translation>
    </message>
    <message>
        <source>Column that says how the model shall behave. Empty: found by its name, if there is one.</source>
        <translation>Spalte, die sagt, wie sich das Modell verhalten soll. Leer: am Namen erkannt, wenn es eine gibt.</translation>
    </message>
    <message>
        <source>Conversation column</source>
        <translation>Spalte der Gespräche</translation>
    </message>
    <message>
        <source>Column that holds whole conversations, as JSON lists of messages. Empty: found by its content, if there is one.</source>
        <translation>Spalte mit ganzen Gesprächen, als JSON-Listen von Nachrichten. Leer: am Inhalt erkannt, wenn es eine gibt.</translation>
    </message>
    <message>
        <source>Chosen answer</source>
        <translation>Bevorzugte Antwort</translation>
    </message>
    <message>
        <source>Column that holds the better of two answers, which is the answer where there is no other. Empty: found by its name, if there is one.</source>
        <translation>Spalte mit der besseren von zwei Antworten; sie ist die Antwort, wo es keine andere gibt. Leer: am Namen erkannt, wenn es eine gibt.</translation>
    </message>
    <message>
        <source>Rejected answer</source>
        <translation>Verworfene Antwort</translation>
    </message>
    <message>
        <source>Column that holds the worse of two answers, which is not trained on. Empty: found by its name, if there is one.</source>
        <translation>Spalte mit der schlechteren von zwei Antworten, auf der nicht trainiert wird. Leer: am Namen erkannt, wenn es eine gibt.</translation>
    </message>
    <message>
        <source>Column that holds the text. Empty: found by its name.</source>
        <translation>Spalte mit dem Text. Leer: am Namen erkannt.</translation>
    </message>
    <message>
        <source>Column that holds a second text, where labels are about pairs. Empty: there is none, or, where the text column is empty too, found by its name.</source>
        <translation>Spalte mit einem zweiten Text, wo Klassen für Paare gelten. Leer: es gibt keine; oder, wo auch die Textspalte leer ist, am Namen erkannt.</translation>
    </message>
    <message>
        <source>Draws every point anew; a fair baseline for any other search.</source>
        <translation>Zieht jeden Punkt neu; ein ehrlicher Vergleich für jede andere Suche.</translation>
    </message>
    <message>
        <source>Grid</source>
        <translation>Raster</translation>
    </message>
    <message>
        <source>Every combination of values once, in a shuffled order.</source>
        <translation>Jede Verbindung von Werten einmal, in gemischter Reihenfolge.</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Begins with an even design, models the space while trials are few, then refines the best point.</source>
        <translation>Beginnt mit gleichmäßig verteilten Punkten, lernt bei wenigen Versuchen ein Modell des Raums und verfeinert dann den besten Punkt.</translation>
    </message>
    <message>
        <source>Sobol sequence</source>
        <translation>Sobol-Folge</translation>
    </message>
    <message>
        <source>Covers the space more evenly than random points.</source>
        <translation>Füllt den Raum gleichmäßiger als zufällige Punkte.</translation>
    </message>
    <message>
        <source>Latin hypercube</source>
        <translation>Lateinischer Hyperwürfel</translation>
    </message>
    <message>
        <source>One point in every stratum of each parameter, for a planned number of trials.</source>
        <translation>Ein Punkt in jeder Schicht jedes Parameters, für eine geplante Zahl von Versuchen.</translation>
    </message>
    <message>
        <source>Gaussian process</source>
        <translation>Gauß-Prozess</translation>
    </message>
    <message>
        <source>Bayesian optimisation: the best use of few trials; slower to answer from some hundreds on.</source>
        <translation>Bayessche Optimierung: nutzt wenige Versuche am besten; antwortet ab einigen Hundert langsamer.</translation>
    </message>
    <message>
        <source>MADS</source>
        <translation>MADS</translation>
    </message>
    <message>
        <source>Mesh-adaptive direct search: polls around the best point on a mesh that follows success.</source>
        <translation>Direkte Suche auf einem Netz: tastet um den besten Punkt; das Netz folgt dem Erfolg.</translation>
    </message>
    <message>
        <source>CMA-ES</source>
        <translation>CMA-ES</translation>
    </message>
    <message>
        <source>Evolves a cloud of points; strong on numbers with a hundred trials and more.</source>
        <translation>Entwickelt eine Wolke von Punkten; stark bei Zahlen ab hundert Versuchen.</translation>
    </message>
    <message>
        <source>TPE</source>
        <translation>TPE</translation>
    </message>
    <message>
        <source>Learns where the better trials are dense; takes any space, any number of slots.</source>
        <translation>Lernt, wo die besseren Versuche dicht liegen; für jeden Raum und beliebig viele Plätze.</translation>
    </message>
    <message>
        <source>Base model</source>
        <translation>Grundmodell</translation>
    </message>
    <message>
        <source>Folder of a Hugging Face model: config.json, model.safetensors, tokenizer.json.</source>
        <translation>Ordner eines Hugging-Face-Modells: config.json, model.safetensors, tokenizer.json.</translation>
    </message>
    <message>
        <source>Start from</source>
        <translation>Beginnen mit</translation>
    </message>
    <message>
        <source>The model&apos;s trained weights, or untrained ones of the same architecture.</source>
        <translation>Den trainierten Gewichten des Modells oder untrainierten derselben Architektur.</translation>
    </message>
    <message>
        <source>Trained weights</source>
        <translation>Trainierte Gewichte</translation>
    </message>
    <message>
        <source>Untrained weights</source>
        <translation>Untrainierte Gewichte</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Zahlenformat</translation>
    </message>
    <message>
        <source>Number format of the base model while training; adapters and optimiser are always kept in float32. Mixed: weights and products in bfloat16, everything between them in float32; for LoRA on the CPU, and the fastest where the processor multiplies bfloat16.</source>
        <translation>Zahlenformat des Grundmodells beim Training; Adapter und Optimierer bleiben immer in float32. Gemischt: Gewichte und Produkte in bfloat16, alles dazwischen in float32; für LoRA auf der CPU, und am schnellsten, wo der Prozessor bfloat16 multipliziert.</translation>
    </message>
    <message>
        <source>Mixed</source>
        <translation>Gemischt</translation>
    </message>
    <message>
        <source>float32</source>
        <translation>float32</translation>
    </message>
    <message>
        <source>bfloat16</source>
        <translation>bfloat16</translation>
    </message>
    <message>
        <source>Quantisation</source>
        <translation>Quantisierung</translation>
    </message>
    <message>
        <source>Keeps the projections of the base in 4 or 8 bits, as bitsandbytes does, and unpacks them for each use: less memory, slower steps. Adapters train over it; not for training all weights. None leaves a model as its files hold it.</source>
        <translation>Hält die Projektionen des Grundmodells in 4 oder 8 Bit, wie bitsandbytes es tut, und entpackt sie für jeden Gebrauch: weniger Speicher, langsamere Schritte. Adapter werden darüber trainiert; nicht für das Training aller Gewichte. „Keine“ lässt ein Modell, wie seine Dateien es enthalten.</translation>
    </message>
    <message>
        <source>Quantise tokens</source>
        <translation>Tokens quantisieren</translation>
    </message>
    <message>
        <source>Beside quantised projections, keeps the table of tokens, and a head that is not tied to it, in 8 bits with one scale a row: a small model with a large vocabulary then takes much less memory. Not for adapters of the table or the head.</source>
        <translation>Hält neben quantisierten Projektionen auch die Tabelle der Tokens, und einen Kopf, der nicht an sie gebunden ist, in 8 Bit mit einem Maßstab je Zeile: Ein kleines Modell mit großem Vokabular braucht dann viel weniger Speicher. Nicht für Adapter an der Tabelle oder am Kopf.</translation>
    </message>
    <message>
        <source>NF4 (4 bits)</source>
        <translation>NF4 (4 Bit)</translation>
    </message>
    <message>
        <source>int8 (8 bits)</source>
        <translation>int8 (8 Bit)</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Where to train; auto takes a CUDA device if there is one.</source>
        <translation>Wo trainiert wird; automatisch nimmt ein CUDA-Gerät, wenn es eines gibt.</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>CUDA</source>
        <translation>CUDA</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>Processor threads for tensor work; 0 takes one for each core.</source>
        <translation>Prozessor-Threads für Tensoren; 0 nimmt einen je Kern.</translation>
    </message>
    <message>
        <source>Trials together</source>
        <translation>Versuche gemeinsam</translation>
    </message>
    <message>
        <source>Whether trials that run at the same time share one base and take their steps together. Automatic measures which is faster. Each result is what the trial gets by itself. For LoRA on the CPU, without DoRA and starts from the weights.</source>
        <translation>Ob Versuche, die gleichzeitig laufen, sich eine Basis teilen und ihre Schritte gemeinsam tun. Automatisch misst, was schneller ist. Jedes Ergebnis ist das, das der Versuch für sich allein hat. Für LoRA auf der CPU, ohne DoRA und ohne Anfänge aus den Gewichten.</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Nie</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>Immer</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Methode</translation>
    </message>
    <message>
        <source>What is trained: a small adapter beside frozen weights, or everything.</source>
        <translation>Was trainiert wird: ein kleiner Adapter neben eingefrorenen Gewichten oder alles.</translation>
    </message>
    <message>
        <source>Training data</source>
        <translation>Trainingsdaten</translation>
    </message>
    <message>
        <source>A .jsonl, .json, .csv, .tsv, .txt or .parquet file, also as .gz. `lathe data FILE` shows how it is read.</source>
        <translation>Eine Datei .jsonl, .json, .csv, .tsv, .txt oder .parquet, auch als .gz. `lathe data DATEI` zeigt, wie sie gelesen wird.</translation>
    </message>
    <message>
        <source>Evaluation data</source>
        <translation>Prüfdaten</translation>
    </message>
    <message>
        <source>Rows the model never trains on. Empty: some are put aside from the training data.</source>
        <translation>Zeilen, mit denen nie trainiert wird. Leer: einige werden von den Trainingsdaten zurückgelegt.</translation>
    </message>
    <message>
        <source>Share put aside</source>
        <translation>Zurückgelegter Anteil</translation>
    </message>
    <message>
        <source>Share of the training rows kept for evaluation where no evaluation file is given.</source>
        <translation>Anteil der Trainingszeilen, der ohne Prüfdatei zum Prüfen zurückgelegt wird.</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <source>Answers to instructions, labels, or plain text.</source>
        <translation>Antworten auf Anweisungen, Klassen oder reiner Text.</translation>
    </message>
    <message>
        <source>Prompt template</source>
        <translation>Eingabevorlage</translation>
    </message>
    <message>
        <source>How a row becomes a prompt and an answer.</source>
        <translation>Wie aus einer Zeile Eingabe und Antwort werden.</translation>
    </message>
    <message>
        <source>Text column</source>
        <translation>Textspalte</translation>
    </message>
    <message>
        <source>Longest sequence</source>
        <translation>Längste Folge</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Train on prompts too</source>
        <translation>Auch auf Eingaben trainieren</translation>
    </message>
    <message>
        <source>Take the loss on the prompt as well as on the answer.</source>
        <translation>Den Verlust auch auf der Eingabe nehmen, nicht nur auf der Antwort.</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>Step size of AdamW. Adapters take about ten times more than full training: try 1e-4 to 1e-2; prompt tuning and P-tuning, 0.1 to 1.</source>
        <translation>Schrittweite von AdamW. Adapter vertragen etwa das Zehnfache des vollen Trainings: versuchen Sie 1e-4 bis 1e-2, für Prompt-Tuning und P-Tuning 0.1 bis 1.</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>Stapelgröße</translation>
    </message>
    <message>
        <source>rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Rows computed at the same time.</source>
        <translation>Zeilen, die gleichzeitig gerechnet werden.</translation>
    </message>
    <message>
        <source>Gradient accumulation</source>
        <translation>Gradienten sammeln</translation>
    </message>
    <message>
        <source>batches</source>
        <translation>Stapel</translation>
    </message>
    <message>
        <source>Batches summed up before each update.</source>
        <translation>Stapel, die vor jeder Änderung aufsummiert werden.</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>Gewichtszerfall</translation>
    </message>
    <message>
        <source>Decoupled decay of the matrices.</source>
        <translation>Entkoppelter Zerfall der Matrizen.</translation>
    </message>
    <message>
        <source>Beta 1</source>
        <translation>Beta 1</translation>
    </message>
    <message>
        <source>Decay of AdamW&apos;s mean of gradients.</source>
        <translation>Abklingen von AdamWs Mittel der Gradienten.</translation>
    </message>
    <message>
        <source>Beta 2</source>
        <translation>Beta 2</translation>
    </message>
    <message>
        <source>Decay of AdamW&apos;s mean of squared gradients.</source>
        <translation>Abklingen von AdamWs Mittel der quadrierten Gradienten.</translation>
    </message>
    <message>
        <source>Epsilon</source>
        <translation>Epsilon</translation>
    </message>
    <message>
        <source>Keeps AdamW&apos;s division finite.</source>
        <translation>Hält die Division von AdamW endlich.</translation>
    </message>
    <message>
        <source>Gradient clipping</source>
        <translation>Gradienten kappen</translation>
    </message>
    <message>
        <source>Largest norm of all gradients; 0 does not clip.</source>
        <translation>Größte Norm aller Gradienten; 0 kappt nicht.</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Optimiser steps; 0 counts epochs instead.</source>
        <translation>Schritte des Optimierers; 0 zählt stattdessen Epochen.</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>Epochen</translation>
    </message>
    <message>
        <source>Passes over the training rows.</source>
        <translation>Durchgänge durch die Trainingszeilen.</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>How the learning rate goes on after the warm-up.</source>
        <translation>Wie die Lernrate nach dem Aufwärmen verläuft.</translation>
    </message>
    <message>
        <source>Linear to 0</source>
        <translation>Linear bis 0</translation>
    </message>
    <message>
        <source>Cosine to 0</source>
        <translation>Kosinus bis 0</translation>
    </message>
    <message>
        <source>Constant</source>
        <translation>Konstant</translation>
    </message>
    <message>
        <source>Warm-up</source>
        <translation>Aufwärmen</translation>
    </message>
    <message>
        <source>Steps over which the learning rate rises from 0.</source>
        <translation>Schritte, in denen die Lernrate von 0 ansteigt.</translation>
    </message>
    <message>
        <source>Evaluate every</source>
        <translation>Prüfen alle</translation>
    </message>
    <message>
        <source>0 evaluates only before and after.</source>
        <translation>0 prüft nur vorher und nachher.</translation>
    </message>
    <message>
        <source>Evaluation rows</source>
        <translation>Prüfzeilen</translation>
    </message>
    <message>
        <source>Evaluate on the first of them only; 0 takes all.</source>
        <translation>Nur auf den ersten davon prüfen; 0 nimmt alle.</translation>
    </message>
    <message>
        <source>Samples every</source>
        <translation>Proben alle</translation>
    </message>
    <message>
        <source>Let the model answer three fixed prompts; 0 never does.</source>
        <translation>Das Modell drei feste Eingaben beantworten lassen; 0 tut es nie.</translation>
    </message>
    <message>
        <source>Checkpoint every</source>
        <translation>Sicherungspunkt alle</translation>
    </message>
    <message>
        <source>What a crash can cost; 0 saves only when the run stops.</source>
        <translation>Was ein Absturz kosten kann; 0 sichert nur am Ende des Laufs.</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>Width of the low-rank product. More can learn more and costs more memory and time; 4 to 32 is usual.</source>
        <translation>Breite des Produkts niedrigen Rangs. Mehr kann mehr lernen und kostet mehr Speicher und Zeit; üblich sind 4 bis 32.</translation>
    </message>
    <message>
        <source>Alpha</source>
        <translation>Alpha</translation>
    </message>
    <message>
        <source>Scale of the adapter: its output is multiplied by alpha / rank. Twice the rank is a good start.</source>
        <translation>Skala des Adapters: seine Ausgabe wird mit Alpha / Rang multipliziert. Das Doppelte des Rangs ist ein guter Anfang.</translation>
    </message>
    <message>
        <source>Dropout</source>
        <translation>Dropout</translation>
    </message>
    <message>
        <source>Share of the adapter&apos;s inputs set to zero while training; helps when data is scarce.</source>
        <translation>Anteil der Adapter-Eingaben, der beim Training null gesetzt wird; hilft bei wenig Daten.</translation>
    </message>
    <message>
        <source>Target modules</source>
        <translation>Zielmodule</translation>
    </message>
    <message>
        <source>Rank by module</source>
        <translation>Rang je Modul</translation>
    </message>
    <message>
        <source>Other ranks for some modules: the end of a path, or a regular expression, and a number, such as q_proj=4, layers.1.mlp.down_proj=6. The first that fits decides.</source>
        <translation>Andere Ränge für manche Module: das Ende eines Pfads oder ein regulärer Ausdruck und eine Zahl, etwa q_proj=4, layers.1.mlp.down_proj=6. Der erste passende entscheidet.</translation>
    </message>
    <message>
        <source>Alpha by module</source>
        <translation>Alpha je Modul</translation>
    </message>
    <message>
        <source>Other alphas for some modules, written as the ranks.</source>
        <translation>Andere Alphas für manche Module, geschrieben wie die Ränge.</translation>
    </message>
    <message>
        <source>DoRA</source>
        <translation>DoRA</translation>
    </message>
    <message>
        <source>Train the length of each row of the weights apart from its direction. Often better at small ranks, and slower.</source>
        <translation>Die Länge jeder Zeile der Gewichte getrennt von ihrer Richtung trainieren. Oft besser bei kleinen Rängen, und langsamer.</translation>
    </message>
    <message>
        <source>LoRA-FA</source>
        <translation>LoRA-FA</translation>
    </message>
    <message>
        <source>Keep A as it starts and train B alone: fewer parameters and less memory.</source>
        <translation>A lassen, wie es beginnt, und nur B trainieren: weniger Parameter und weniger Speicher.</translation>
    </message>
    <message>
        <source>Bias of B</source>
        <translation>Bias von B</translation>
    </message>
    <message>
        <source>Give B a trained bias.</source>
        <translation>B einen trainierten Bias geben.</translation>
    </message>
    <message>
        <source>Start of A and B</source>
        <translation>Beginn von A und B</translation>
    </message>
    <message>
        <source>Random, or from the weights (PiSSA, OLoRA) or the data (EVA). PiSSA and OLoRA are saved as plain LoRA of twice the rank; EVA moves rank to where it explains most.</source>
        <translation>Zufällig oder aus den Gewichten (PiSSA, OLoRA) oder den Daten (EVA). PiSSA und OLoRA werden als einfaches LoRA vom doppelten Rang gespeichert; EVA verlegt Rang dahin, wo er am meisten erklärt.</translation>
    </message>
    <message>
        <source>Usual</source>
        <translation>Üblich</translation>
    </message>
    <message>
        <source>Gaussian</source>
        <translation>Gauß</translation>
    </message>
    <message>
        <source>Orthogonal</source>
        <translation>Orthogonal</translation>
    </message>
    <message>
        <source>PiSSA</source>
        <translation>PiSSA</translation>
    </message>
    <message>
        <source>PiSSA, fast</source>
        <translation>PiSSA, schnell</translation>
    </message>
    <message>
        <source>OLoRA</source>
        <translation>OLoRA</translation>
    </message>
    <message>
        <source>EVA</source>
        <translation>EVA</translation>
    </message>
    <message>
        <source>PiSSA iterations</source>
        <translation>PiSSA-Iterationen</translation>
    </message>
    <message>
        <source>Subspace iterations of the fast decomposition; more come nearer to the exact one.</source>
        <translation>Unterraum-Iterationen der schnellen Zerlegung; mehr kommen der genauen näher.</translation>
    </message>
    <message>
        <source>EVA redistribution</source>
        <translation>EVA-Umverteilung</translation>
    </message>
    <message>
        <source>A module gets at most this many times the rank; 1 gives every module the same. The number of parameters is told for that.</source>
        <translation>Ein Modul bekommt höchstens so viele Male den Rang; 1 gibt jedem Modul denselben. Die Zahl der Parameter wird dafür angegeben.</translation>
    </message>
    <message>
        <source>LoRA+ ratio</source>
        <translation>LoRA+-Verhältnis</translation>
    </message>
    <message>
        <source>Learning rate of B over that of A; 1 treats both alike, 16 is usual for LoRA+. Above 1 nothing is decayed.</source>
        <translation>Lernrate von B gegenüber der von A; 1 behandelt beide gleich, 16 ist für LoRA+ üblich. Über 1 verfällt kein Gewicht.</translation>
    </message>
    <message>
        <source>LoRA+ rate of embeddings</source>
        <translation>LoRA+-Rate der Einbettungen</translation>
    </message>
    <message>
        <source>Learning rate of adapters at the token table while the LoRA+ ratio is above 1.</source>
        <translation>Lernrate von Adaptern an der Token-Tabelle, solange das LoRA+-Verhältnis über 1 liegt.</translation>
    </message>
    <message>
        <source>Rank-stabilized scale</source>
        <translation>Rangstabile Skala</translation>
    </message>
    <message>
        <source>Scale by alpha / sqrt(rank) instead, so that large ranks keep learning.</source>
        <translation>Stattdessen mit Alpha / √Rang skalieren, damit große Ränge weiter lernen.</translation>
    </message>
    <message>
        <source>LoRA</source>
        <translation>LoRA</translation>
    </message>
    <message>
        <source>Full fine-tuning</source>
        <translation>Volles Training</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>Anweisungen</translation>
    </message>
    <message>
        <source>Classification</source>
        <translation>Klassifikation</translation>
    </message>
    <message>
        <source>Plain text</source>
        <translation>Reiner Text</translation>
    </message>
    <message>
        <source>Plain</source>
        <translation>Schlicht</translation>
    </message>
    <message>
        <source>Alpaca</source>
        <translation>Alpaca</translation>
    </message>
    <message>
        <source>LLM-Adapters, training</source>
        <translation>LLM-Adapters, Training</translation>
    </message>
    <message>
        <source>LLM-Adapters, evaluation</source>
        <translation>LLM-Adapters, Prüfung</translation>
    </message>
    <message>
        <source>Longest answer</source>
        <translation>Längste Antwort</translation>
    </message>
    <message>
        <source>The answer ends after so many tokens if it has not ended before.</source>
        <translation>Nach so vielen Token endet die Antwort, wenn sie nicht vorher zu Ende ist.</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>Temperatur</translation>
    </message>
    <message>
        <source>0 always takes the likeliest token. Higher draws: 0.7 is usual, above 1 is wild.</source>
        <translation>0 nimmt stets das wahrscheinlichste Token. Darüber wird gezogen: 0,7 ist üblich, über 1 wird es wild.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>The same seed, question and settings give the same answer; all voices use the same.</source>
        <translation>Gleicher Startwert, gleiche Frage und gleiche Einstellungen geben die gleiche Antwort; alle Stimmen nutzen denselben.</translation>
    </message>
    <message>
        <source>Top k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Draws from so many of the likeliest tokens; 0: from all.</source>
        <translation>Zieht aus so vielen der wahrscheinlichsten Token; 0: aus allen.</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Draws from the likeliest tokens that have this probability together; 1: from all.</source>
        <translation>Zieht aus den wahrscheinlichsten Token, die zusammen diese Wahrscheinlichkeit haben; 1: aus allen.</translation>
    </message>
    <message>
        <source>Min p</source>
        <translation>Min-p</translation>
    </message>
    <message>
        <source>Draws from tokens at least so likely, as a share of the likeliest one&apos;s; 0: from all.</source>
        <translation>Zieht aus Token, die mindestens so wahrscheinlich sind, als Anteil des wahrscheinlichsten; 0: aus allen.</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>Wiederholungsstrafe</translation>
    </message>
    <message>
        <source>Above 1, tokens that have occurred become less likely; 1: off.</source>
        <translation>Über 1 werden Token, die schon vorkamen, unwahrscheinlicher; 1: aus.</translation>
    </message>
    <message>
        <source>Beams</source>
        <translation>Strahlen</translation>
    </message>
    <message>
        <source>Above 1, follows so many likely answers at once and takes the best, without drawing.</source>
        <translation>Über 1 werden so viele wahrscheinliche Antworten zugleich verfolgt und die beste genommen, ohne zu ziehen.</translation>
    </message>
    <message>
        <source>Stop before</source>
        <translation>Enden vor</translation>
    </message>
    <message>
        <source>The answer ends before any of these texts; one a line.</source>
        <translation>Die Antwort endet vor jedem dieser Texte; einer je Zeile.</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Prompt</translation>
    </message>
    <message>
        <source>How a question becomes what the model reads. An adapter wants the form it was trained with.</source>
        <translation>Wie aus einer Frage wird, was das Modell liest. Ein Adapter will die Form, mit der er trainiert wurde.</translation>
    </message>
    <message>
        <source>System text</source>
        <translation>Systemtext</translation>
    </message>
    <message>
        <source>Tells the model who it is. Only chat templates have a place for it.</source>
        <translation>Sagt dem Modell, wer es ist. Nur Chat-Vorlagen haben einen Platz dafür.</translation>
    </message>
    <message>
        <source>As the model has it</source>
        <translation>Wie im Modell</translation>
    </message>
    <message>
        <source>Text as it stands</source>
        <translation>Text, wie er ist</translation>
    </message>
    <message>
        <source>Label column</source>
        <translation>Klassenspalte</translation>
    </message>
    <message>
        <source>Labels of texts</source>
        <translation>Klassen von Texten</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Layers that get one, for example 0-5,8. Empty: all.</source>
        <translation>Schichten, die einen bekommen, zum Beispiel 0-5,8. Leer: alle.</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>Head only</source>
        <translation>Nur der Kopf</translation>
    </message>
    <message>
        <source>Match parameters to</source>
        <translation>Parameter angleichen an</translation>
    </message>
    <message>
        <source>Modules that get none although named above: names or a regular expression.</source>
        <translation>Module, die keinen bekommen, obwohl sie oben genannt sind: Namen oder ein regulärer Ausdruck.</translation>
    </message>
    <message>
        <source>Second text</source>
        <translation>Zweiter Text</translation>
    </message>
    <message>
        <source>Sets the method&apos;s size (rank, bottleneck, virtual tokens, …) so that its number of trained parameters comes nearest to this, for fair comparisons; 0 leaves the size alone.</source>
        <translation>Stellt die Größe des Verfahrens (Rang, Engpass, virtuelle Token, …) so ein, dass seine Zahl trainierter Parameter dieser am nächsten kommt, für faire Vergleiche; 0 lässt die Größe, wie sie ist.</translation>
    </message>
    <message>
        <source>Which projections get an adapter: auto (what is usual for the method and the model), all-linear, names separated by commas such as q_proj,v_proj, or a regular expression.</source>
        <translation>Welche Projektionen einen Adapter bekommen: auto (was für Verfahren und Modell üblich ist), all-linear, mit Kommas getrennte Namen wie q_proj,v_proj oder ein regulärer Ausdruck.</translation>
    </message>
    <message>
        <source>parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>AdaLoRA</source>
        <translation>AdaLoRA</translation>
    </message>
    <message>
        <source>VeRA</source>
        <translation>VeRA</translation>
    </message>
    <message>
        <source>LoHa</source>
        <translation>LoHa</translation>
    </message>
    <message>
        <source>LoKr</source>
        <translation>LoKr</translation>
    </message>
    <message>
        <source>IA3</source>
        <translation>IA3</translation>
    </message>
    <message>
        <source>Biases</source>
        <translation>Biaswerte</translation>
    </message>
    <message>
        <source>Biases of the base model that are trained along: none, those of the adapted modules, or all.</source>
        <translation>Biaswerte des Grundmodells, die mittrainiert werden: keine, die der angepassten Module oder alle.</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Of the adapted modules</source>
        <translation>Der angepassten Module</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Train whole</source>
        <translation>Ganz trainieren</translation>
    </message>
    <message>
        <source>Modules of the base model that are trained whole beside the adapter, such as score or classifier; names separated by commas. Empty: none.</source>
        <translation>Module des Grundmodells, die neben dem Adapter ganz trainiert werden, etwa score oder classifier; Namen durch Kommas getrennt. Leer: keine.</translation>
    </message>
    <message>
        <source>Rank at the start</source>
        <translation>Rang am Anfang</translation>
    </message>
    <message>
        <source>Rank of every adapted module before pruning; one and a half to two times the rank at the end is usual.</source>
        <translation>Rang jedes angepassten Moduls vor dem Beschneiden; üblich ist das Anderthalb- bis Zweifache des Rangs am Ende.</translation>
    </message>
    <message>
        <source>Rank at the end</source>
        <translation>Rang am Ende</translation>
    </message>
    <message>
        <source>Mean rank that is left when pruning is over. At least the rank at the start: nothing is pruned.</source>
        <translation>Mittlerer Rang, der nach dem Beschneiden bleibt. Mindestens der Rang am Anfang: nichts wird beschnitten.</translation>
    </message>
    <message>
        <source>Pruning begins after</source>
        <translation>Beschneiden beginnt nach</translation>
    </message>
    <message>
        <source>Share of the steps before the first rank is taken away.</source>
        <translation>Anteil der Schritte, bevor der erste Rang wegfällt.</translation>
    </message>
    <message>
        <source>Steps without pruning at the end</source>
        <translation>Schritte ohne Beschneiden am Ende</translation>
    </message>
    <message>
        <source>Share of the steps, at the end, in which the ranks stay as they are.</source>
        <translation>Anteil der Schritte am Ende, in denen die Ränge bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Steps between two prunings</source>
        <translation>Schritte zwischen zwei Beschneidungen</translation>
    </message>
    <message>
        <source>The importance of every rank is measured in each step, and acted on in every so many.</source>
        <translation>Die Wichtigkeit jedes Rangs wird in jedem Schritt gemessen; beschnitten wird alle so viele Schritte.</translation>
    </message>
    <message>
        <source>Smoothing of importance</source>
        <translation>Glättung der Wichtigkeit</translation>
    </message>
    <message>
        <source>Weight of the past in the moving average of a weight&apos;s importance.</source>
        <translation>Gewicht der Vergangenheit im gleitenden Mittel der Wichtigkeit eines Gewichts.</translation>
    </message>
    <message>
        <source>Smoothing of its deviation</source>
        <translation>Glättung ihrer Abweichung</translation>
    </message>
    <message>
        <source>Weight of the past in the moving average of how much the importance varies.</source>
        <translation>Gewicht der Vergangenheit im gleitenden Mittel der Schwankung der Wichtigkeit.</translation>
    </message>
    <message>
        <source>Orthogonality</source>
        <translation>Orthogonalität</translation>
    </message>
    <message>
        <source>Weight of the penalty that keeps the directions of a module apart. 0.1 to 0.5 is usual.</source>
        <translation>Gewicht der Strafe, die die Richtungen eines Moduls auseinanderhält. Üblich sind 0,1 bis 0,5.</translation>
    </message>
    <message>
        <source>Shared rank</source>
        <translation>Gemeinsamer Rang</translation>
    </message>
    <message>
        <source>Width of the random matrices that all modules share. A step of it costs one trained number a module, so that it is chosen far higher than a LoRA rank.</source>
        <translation>Breite der Zufallsmatrizen, die alle Module teilen. Eine Stufe kostet je Modul eine trainierte Zahl; man wählt sie deshalb weit größer als einen LoRA-Rang.</translation>
    </message>
    <message>
        <source>Start of d</source>
        <translation>Anfang von d</translation>
    </message>
    <message>
        <source>What the trained scales of the shared directions start with; 0.1 and less is usual.</source>
        <translation>Womit die trainierten Faktoren der gemeinsamen Richtungen beginnen; üblich ist 0,1 und weniger.</translation>
    </message>
    <message>
        <source>Seed of the shared matrices</source>
        <translation>Startwert der gemeinsamen Matrizen</translation>
    </message>
    <message>
        <source>The same seed gives the same random matrices here and in PEFT.</source>
        <translation>Derselbe Startwert ergibt hier und in PEFT dieselben Zufallsmatrizen.</translation>
    </message>
    <message>
        <source>Save the shared matrices</source>
        <translation>Gemeinsame Matrizen speichern</translation>
    </message>
    <message>
        <source>Keeps the random matrices in the file. Without them it is far smaller, and they are drawn again from their seed.</source>
        <translation>Legt die Zufallsmatrizen in die Datei. Ohne sie ist sie viel kleiner, und sie werden aus ihrem Startwert neu gezogen.</translation>
    </message>
    <message>
        <source>Dropout of rows</source>
        <translation>Dropout von Zeilen</translation>
    </message>
    <message>
        <source>Share of the rows of each adapted matrix that a training step leaves as they were in the base model.</source>
        <translation>Anteil der Zeilen jeder angepassten Matrix, die ein Trainingsschritt lässt, wie sie im Grundmodell sind.</translation>
    </message>
    <message>
        <source>Dropout of modules</source>
        <translation>Dropout von Modulen</translation>
    </message>
    <message>
        <source>Share of the training steps in which an adapted module works without its adapter.</source>
        <translation>Anteil der Trainingsschritte, in denen ein angepasstes Modul ohne seinen Adapter arbeitet.</translation>
    </message>
    <message>
        <source>Size of the first factor</source>
        <translation>Größe des ersten Faktors</translation>
    </message>
    <message>
        <source>Height and width of the smaller Kronecker factor, where they divide a module&apos;s sizes. -1: as near to the larger one&apos;s as can be.</source>
        <translation>Höhe und Breite des kleineren Kronecker-Faktors, wo sie die Maße eines Moduls teilen. -1: so nah wie möglich an denen des größeren.</translation>
    </message>
    <message>
        <source>Split both factors</source>
        <translation>Beide Faktoren zerlegen</translation>
    </message>
    <message>
        <source>Makes a low-rank product of the first factor too, where it is large enough.</source>
        <translation>Macht auch aus dem ersten Faktor ein Produkt niedrigen Rangs, wo er groß genug ist.</translation>
    </message>
    <message>
        <source>Starts at zero</source>
        <translation>Beginnt bei null</translation>
    </message>
    <message>
        <source>Which factor starts at zero: the first, as in PEFT, or the second, as in LyCORIS.</source>
        <translation>Welcher Faktor bei null beginnt: der erste wie in PEFT oder der zweite wie in LyCORIS.</translation>
    </message>
    <message>
        <source>First factor</source>
        <translation>Erster Faktor</translation>
    </message>
    <message>
        <source>Second factor</source>
        <translation>Zweiter Faktor</translation>
    </message>
    <message>
        <source>Scale what dropout leaves</source>
        <translation>Was Dropout übrig lässt, skalieren</translation>
    </message>
    <message>
        <source>Divides the rows that dropout leaves by their share.</source>
        <translation>Teilt die Zeilen, die Dropout übrig lässt, durch ihren Anteil.</translation>
    </message>
    <message>
        <source>A text</source>
        <translation>Ein Text</translation>
    </message>
    <message>
        <source>AdapterH</source>
        <translation>AdapterH</translation>
    </message>
    <message>
        <source>AdapterP</source>
        <translation>AdapterP</translation>
    </message>
    <message>
        <source>At single projections, as LLM-Adapters does (without biases), or where the parts of a block join the residual stream, as AdapterHub does (with biases).</source>
        <translation>An einzelnen Projektionen, wie LLM-Adapters es tut (ohne Biases), oder dort, wo die Teile eines Blocks in den Reststrom münden, wie AdapterHub es tut (mit Biases).</translation>
    </message>
    <message>
        <source>BOFT</source>
        <translation>BOFT</translation>
    </message>
    <message>
        <source>BitFit</source>
        <translation>BitFit</translation>
    </message>
    <message>
        <source>Block dropout</source>
        <translation>Block-Dropout</translation>
    </message>
    <message>
        <source>Block size</source>
        <translation>Blockgröße</translation>
    </message>
    <message>
        <source>Blocks</source>
        <translation>Blöcke</translation>
    </message>
    <message>
        <source>Bottleneck size</source>
        <translation>Breite des Engpasses</translation>
    </message>
    <message>
        <source>Bound</source>
        <translation>Grenze</translation>
    </message>
    <message>
        <source>Butterfly factors</source>
        <translation>Butterfly-Faktoren</translation>
    </message>
    <message>
        <source>Cayley transform</source>
        <translation>Cayley-Transformation</translation>
    </message>
    <message>
        <source>Channels that turn together in each factor; has to divide the layers&apos; widths.</source>
        <translation>Kanäle, die sich in jedem Faktor gemeinsam drehen; muss die Breiten der Schichten teilen.</translation>
    </message>
    <message>
        <source>Channels that turn together; the nearest divisor of a layer&apos;s width is taken. Larger blocks can learn more.</source>
        <translation>Kanäle, die sich gemeinsam drehen; genommen wird der nächste Teiler der Breite einer Schicht. Größere Blöcke können mehr lernen.</translation>
    </message>
    <message>
        <source>Constrained</source>
        <translation>Begrenzt</translation>
    </message>
    <message>
        <source>Cut or repeated until there is one token for each virtual one.</source>
        <translation>Wird gekürzt oder wiederholt, bis auf jedes virtuelle Token eines kommt.</translation>
    </message>
    <message>
        <source>Dropout in the LSTM</source>
        <translation>Dropout im LSTM</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>Encoder</translation>
    </message>
    <message>
        <source>Encoder&apos;s hidden size</source>
        <translation>Innere Breite des Encoders</translation>
    </message>
    <message>
        <source>Exact</source>
        <translation>Genau</translation>
    </message>
    <message>
        <source>Fixed</source>
        <translation>Fest</translation>
    </message>
    <message>
        <source>Hidden size</source>
        <translation>Innere Breite</translation>
    </message>
    <message>
        <source>How far constrained rotations may go.</source>
        <translation>Wie weit begrenzte Drehungen gehen dürfen.</translation>
    </message>
    <message>
        <source>Keep the rotations small (COFT).</source>
        <translation>Die Drehungen klein halten (COFT).</translation>
    </message>
    <message>
        <source>LSTM</source>
        <translation>LSTM</translation>
    </message>
    <message>
        <source>Layer-norm tuning</source>
        <translation>Layer-Norm-Tuning</translation>
    </message>
    <message>
        <source>Layers of the LSTM</source>
        <translation>Schichten des LSTM</translation>
    </message>
    <message>
        <source>Learned</source>
        <translation>Gelernt</translation>
    </message>
    <message>
        <source>Learned per channel</source>
        <translation>Je Kanal gelernt</translation>
    </message>
    <message>
        <source>Let a small network make the keys and values while training: steadier with little data, and more to train. Only its result is saved.</source>
        <translation>Während des Trainings macht ein kleines Netz die Schlüssel und Werte: ruhiger bei wenig Daten, und mehr zu trainieren. Gespeichert wird nur sein Ergebnis.</translation>
    </message>
    <message>
        <source>MLP</source>
        <translation>MLP</translation>
    </message>
    <message>
        <source>More are more exact and slower.</source>
        <translation>Mehr sind genauer und langsamer.</translation>
    </message>
    <message>
        <source>Multiplies the adapter&apos;s output. A parallel adapter with another factor than 1 is a scaled parallel one; 4 is usual for it.</source>
        <translation>Multipliziert die Ausgabe des Adapters. Ein paralleler Adapter mit einem anderen Faktor als 1 ist ein skalierter paralleler; üblich ist dafür 4.</translation>
    </message>
    <message>
        <source>Neumann series</source>
        <translation>Neumann-Reihe</translation>
    </message>
    <message>
        <source>Non-linearity</source>
        <translation>Nichtlinearität</translation>
    </message>
    <message>
        <source>Norms</source>
        <translation>Normen</translation>
    </message>
    <message>
        <source>Number of blocks in each layer in place of their size; 0: by size.</source>
        <translation>Zahl der Blöcke je Schicht anstelle ihrer Größe; 0: nach der Größe.</translation>
    </message>
    <message>
        <source>OFT</source>
        <translation>OFT</translation>
    </message>
    <message>
        <source>One rotation for all blocks of a layer.</source>
        <translation>Eine Drehung für alle Blöcke einer Schicht.</translation>
    </message>
    <message>
        <source>P-tuning</source>
        <translation>P-Tuning</translation>
    </message>
    <message>
        <source>Parallel adapter</source>
        <translation>Paralleler Adapter</translation>
    </message>
    <message>
        <source>Placement</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>Prefix tuning</source>
        <translation>Prefix-Tuning</translation>
    </message>
    <message>
        <source>Prefix subspace</source>
        <translation>Präfix-Unterraum</translation>
    </message>
    <message>
        <source>Trains a simplex of prefixes and heads; for few rows</source>
        <translation>Trainiert einen Simplex aus Präfixen und Köpfen; für wenige Zeilen</translation>
    </message>
    <message>
        <source>LoRA subspace</source>
        <translation>LoRA-Unterraum</translation>
    </message>
    <message>
        <source>Trains a simplex of LoRA adapters and heads; for few rows</source>
        <translation>Trainiert einen Simplex aus LoRA-Adaptern und Köpfen; für wenige Zeilen</translation>
    </message>
    <message>
        <source>Bottleneck subspace</source>
        <translation>Engstellen-Unterraum</translation>
    </message>
    <message>
        <source>Trains a simplex of bottlenecks and heads; for few rows</source>
        <translation>Trainiert einen Simplex aus Engstellen und Köpfen; für wenige Zeilen</translation>
    </message>
    <message>
        <source>Bottlenecks</source>
        <translation>Engstellen</translation>
    </message>
    <message>
        <source>Where the bottlenecks of the vertices are: at all projections of the feed-forward parts, at those out of them, or beside queries, keys and values.</source>
        <translation>Wo die Engstellen der Ecken sind: an allen Projektionen der Feed-Forward-Teile, an denen aus ihnen heraus oder neben Queries, Keys und Values.</translation>
    </message>
    <message>
        <source>As AdapterH (Houlsby)</source>
        <translation>Wie AdapterH (Houlsby)</translation>
    </message>
    <message>
        <source>As AdapterP (Pfeiffer)</source>
        <translation>Wie AdapterP (Pfeiffer)</translation>
    </message>
    <message>
        <source>Parallel</source>
        <translation>Parallel</translation>
    </message>
    <message>
        <source>Vertices</source>
        <translation>Ecken</translation>
    </message>
    <message>
        <source>Adapters, and heads, that are trained together as the corners of a simplex. One is the plain adapter; 3 is this program&apos;s own choice.</source>
        <translation>Adapter und Köpfe, die zusammen als Ecken eines Simplex trainiert werden. Eine ist der gewöhnliche Adapter; 3 ist die eigene Wahl dieses Programms.</translation>
    </message>
    <message>
        <source>Vertices start from</source>
        <translation>Ecken beginnen mit</translation>
    </message>
    <message>
        <source>Each from random numbers of its own, or from what the model makes of random words of its vocabulary. Zeros do for a single vertex only: equal vertices are no simplex.</source>
        <translation>Jede mit eigenen Zufallszahlen oder mit dem, was das Modell aus zufälligen Wörtern seines Vokabulars macht. Nullen taugen nur für eine einzige Ecke: Gleiche Ecken sind kein Simplex.</translation>
    </message>
    <message>
        <source>Zeros</source>
        <translation>Nullen</translation>
    </message>
    <message>
        <source>Deviation of the start</source>
        <translation>Streuung des Anfangs</translation>
    </message>
    <message>
        <source>Standard deviation of these random numbers. 1 is what PEFT starts a prefix with; 0.02 is this program&apos;s own choice.</source>
        <translation>Standardabweichung dieser Zufallszahlen. Mit 1 beginnt PEFT ein Präfix; 0,02 ist die eigene Wahl dieses Programms.</translation>
    </message>
    <message>
        <source>Heads</source>
        <translation>Köpfe</translation>
    </message>
    <message>
        <source>Of labels: a head at each vertex, mixed layer by layer as the adapters are, or one for all.</source>
        <translation>Für Label: ein Kopf an jeder Ecke, Schicht für Schicht gemischt wie die Adapter, oder einer für alle.</translation>
    </message>
    <message>
        <source>One at each vertex</source>
        <translation>Einer an jeder Ecke</translation>
    </message>
    <message>
        <source>One for all</source>
        <translation>Einer für alle</translation>
    </message>
    <message>
        <source>Points are drawn for</source>
        <translation>Punkte werden gezogen für</translation>
    </message>
    <message>
        <source>What gets a point of its own while training: each row in each layer, each row, each layer, or each step.</source>
        <translation>Was beim Training einen eigenen Punkt bekommt: jede Zeile in jeder Schicht, jede Zeile, jede Schicht oder jeder Schritt.</translation>
    </message>
    <message>
        <source>Each row and layer</source>
        <translation>Jede Zeile und Schicht</translation>
    </message>
    <message>
        <source>Each row</source>
        <translation>Jede Zeile</translation>
    </message>
    <message>
        <source>Each layer</source>
        <translation>Jede Schicht</translation>
    </message>
    <message>
        <source>Each step</source>
        <translation>Jeden Schritt</translation>
    </message>
    <message>
        <source>Concentration</source>
        <translation>Konzentration</translation>
    </message>
    <message>
        <source>Of the Dirichlet distribution that points are drawn from: 1 is even on the whole simplex, less goes to its corners, more to its middle.</source>
        <translation>Der Dirichlet-Verteilung, aus der Punkte gezogen werden: 1 ist gleichmäßig im ganzen Simplex, weniger zieht zu den Ecken, mehr zur Mitte.</translation>
    </message>
    <message>
        <source>Weight of the cosine</source>
        <translation>Gewicht des Kosinus</translation>
    </message>
    <message>
        <source>Pushes vertices apart: the weight, in the loss, of the squared cosine of two of them. It is reported whatever its weight; 0 is this program&apos;s own choice.</source>
        <translation>Drückt die Ecken auseinander: das Gewicht des quadrierten Kosinus zweier Ecken im Verlust. Er wird unabhängig vom Gewicht gemeldet; 0 ist die eigene Wahl dieses Programms.</translation>
    </message>
    <message>
        <source>Dropout of the prefix</source>
        <translation>Dropout des Präfixes</translation>
    </message>
    <message>
        <source>On the mixed prefix and on what the head reads, as P-tuning v2 has it.</source>
        <translation>Auf dem gemischten Präfix und auf dem, was der Kopf liest, wie bei P-tuning v2.</translation>
    </message>
    <message>
        <source>Evaluation reads</source>
        <translation>Die Auswertung liest</translation>
    </message>
    <message>
        <source>The middle of the simplex; several drawn points, with all their answers counted, which makes more of few rows; or the mean of their probabilities.</source>
        <translation>Die Mitte des Simplex; mehrere gezogene Punkte, deren Antworten alle zählen, was mehr aus wenigen Zeilen macht; oder das Mittel ihrer Wahrscheinlichkeiten.</translation>
    </message>
    <message>
        <source>The middle</source>
        <translation>Die Mitte</translation>
    </message>
    <message>
        <source>Drawn points, all counted</source>
        <translation>Gezogene Punkte, alle gezählt</translation>
    </message>
    <message>
        <source>Drawn points, averaged</source>
        <translation>Gezogene Punkte, gemittelt</translation>
    </message>
    <message>
        <source>Passes of an evaluation</source>
        <translation>Durchgänge einer Auswertung</translation>
    </message>
    <message>
        <source>How many points are drawn for each row; 10 is this program&apos;s own choice.</source>
        <translation>Wie viele Punkte für jede Zeile gezogen werden; 10 ist die eigene Wahl dieses Programms.</translation>
    </message>
    <message>
        <source>The test reads</source>
        <translation>Der Test liest</translation>
    </message>
    <message>
        <source>What counts as the test&apos;s result. The middle and the averaged points are always reported, side by side.</source>
        <translation>Was als Ergebnis des Tests gilt. Die Mitte und die gemittelten Punkte werden immer nebeneinander gemeldet.</translation>
    </message>
    <message>
        <source>One vertex</source>
        <translation>Eine Ecke</translation>
    </message>
    <message>
        <source>One drawn point</source>
        <translation>Ein gezogener Punkt</translation>
    </message>
    <message>
        <source>Passes of the test</source>
        <translation>Durchgänge des Tests</translation>
    </message>
    <message>
        <source>How many points are averaged; 10 is this program&apos;s own choice.</source>
        <translation>Wie viele Punkte gemittelt werden; 10 ist die eigene Wahl dieses Programms.</translation>
    </message>
    <message>
        <source>Vertex of the test</source>
        <translation>Ecke des Tests</translation>
    </message>
    <message>
        <source>Counted from 0.</source>
        <translation>Von 0 an gezählt.</translation>
    </message>
    <message>
        <source>Map the loss</source>
        <translation>Verlust kartieren</translation>
    </message>
    <message>
        <source>When training is over, measure the loss all over the simplex and along its edges, for training and evaluation rows, and write simplex_loss.json.</source>
        <translation>Nach dem Training den Verlust im ganzen Simplex und entlang seiner Kanten messen, für Trainings- und Auswertungszeilen, und simplex_loss.json schreiben.</translation>
    </message>
    <message>
        <source>Fineness of the map</source>
        <translation>Feinheit der Karte</translation>
    </message>
    <message>
        <source>Steps from one vertex to the next. Of three vertices the middle is on the map where 3 divides it.</source>
        <translation>Schritte von einer Ecke zur nächsten. Bei drei Ecken liegt die Mitte auf der Karte, wenn die Zahl durch 3 teilbar ist.</translation>
    </message>
    <message>
        <source>Rows of the map</source>
        <translation>Zeilen der Karte</translation>
    </message>
    <message>
        <source>Measure on the first of the training and evaluation rows only; 0 takes all.</source>
        <translation>Nur an den ersten Trainings- und Auswertungszeilen messen; 0 nimmt alle.</translation>
    </message>
    <message>
        <source>Keep the best</source>
        <translation>Das Beste behalten</translation>
    </message>
    <message>
        <source>When training is over, go back to the state with the best evaluation: by the task&apos;s own measure, among equals by the lower loss, then the earlier one.</source>
        <translation>Nach dem Training zum Zustand mit der besten Auswertung zurückkehren: nach dem eigenen Maß der Aufgabe, bei Gleichstand nach dem kleineren Verlust, dann dem früheren.</translation>
    </message>
    <message>
        <source>Projections</source>
        <translation>Projektionen</translation>
    </message>
    <message>
        <source>Prompt tuning</source>
        <translation>Prompt-Tuning</translation>
    </message>
    <message>
        <source>Random numbers</source>
        <translation>Zufallszahlen</translation>
    </message>
    <message>
        <source>Random numbers, or what the model knows already: some words of its vocabulary, or a text of your own, such as a description of the task. The latter two learn faster.</source>
        <translation>Zufallszahlen, oder was das Modell schon kennt: einige Wörter seines Vokabulars oder ein eigener Text, etwa eine Beschreibung der Aufgabe. Die beiden letzten lernen schneller.</translation>
    </message>
    <message>
        <source>Reparametrize</source>
        <translation>Reparametrisieren</translation>
    </message>
    <message>
        <source>Residual stream</source>
        <translation>Reststrom</translation>
    </message>
    <message>
        <source>Rotations one after another, each in another order of channels; with one it is OFT with scaled outputs.</source>
        <translation>Drehungen nacheinander, jede in einer anderen Reihenfolge der Kanäle; mit einer ist es OFT mit skalierten Ausgaben.</translation>
    </message>
    <message>
        <source>Scaling</source>
        <translation>Skalierung</translation>
    </message>
    <message>
        <source>Scaling factor</source>
        <translation>Skalierungsfaktor</translation>
    </message>
    <message>
        <source>Share of blocks that stand still in a training step; helps when data is scarce.</source>
        <translation>Anteil der Blöcke, die in einem Trainingsschritt stillstehen; hilft, wenn Daten knapp sind.</translation>
    </message>
    <message>
        <source>Share of the numbers set to zero between its layers while training.</source>
        <translation>Anteil der Zahlen, die beim Training zwischen seinen Schichten auf null gesetzt werden.</translation>
    </message>
    <message>
        <source>Share one block</source>
        <translation>Ein gemeinsamer Block</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Anfang</translation>
    </message>
    <message>
        <source>Terms of the series</source>
        <translation>Glieder der Reihe</translation>
    </message>
    <message>
        <source>Text to start from</source>
        <translation>Text für den Anfang</translation>
    </message>
    <message>
        <source>The factor on the adapter&apos;s output: fixed, one that is trained for each adapted place, or one for each channel (residual placement only).</source>
        <translation>Der Faktor auf die Ausgabe des Adapters: fest, einer, der für jede Stelle trainiert wird, oder einer je Kanal (nur im Reststrom).</translation>
    </message>
    <message>
        <source>The network that makes the virtual tokens while training. The LSTM relates them to each other and takes longer.</source>
        <translation>Das Netz, das beim Training die virtuellen Tokens macht. Das LSTM setzt sie zueinander in Beziehung und braucht länger.</translation>
    </message>
    <message>
        <source>The series is faster; the exact one keeps angles for large rotations too.</source>
        <translation>Die Reihe ist schneller; die genaue hält die Winkel auch bei großen Drehungen.</translation>
    </message>
    <message>
        <source>Trained tokens in front of every text. They take room in the context; 10 to 50 is usual.</source>
        <translation>Trainierte Tokens vor jedem Text. Sie brauchen Platz im Kontext; üblich sind 10 bis 50.</translation>
    </message>
    <message>
        <source>Two are usual.</source>
        <translation>Üblich sind zwei.</translation>
    </message>
    <message>
        <source>Virtual tokens</source>
        <translation>Virtuelle Tokens</translation>
    </message>
    <message>
        <source>Virtual tokens start from</source>
        <translation>Virtuelle Tokens beginnen mit</translation>
    </message>
    <message>
        <source>What the middle of the bottleneck passes through. LLM-Adapters: tanh; AdapterHub: relu or swish.</source>
        <translation>Wodurch die Mitte des Engpasses geht. LLM-Adapters: tanh; AdapterHub: relu oder swish.</translation>
    </message>
    <message>
        <source>Which norms are trained: auto (those of the blocks and the last one), or names separated by commas such as input_layernorm,norm.</source>
        <translation>Welche Normen trainiert werden: auto (die der Blöcke und die letzte) oder Namen, durch Kommas getrennt, etwa input_layernorm,norm.</translation>
    </message>
    <message>
        <source>Width of that network&apos;s middle layer.</source>
        <translation>Breite der mittleren Schicht dieses Netzes.</translation>
    </message>
    <message>
        <source>Width of the adapter&apos;s middle layer. More can learn more and costs more memory and time; 16 to 256 is usual.</source>
        <translation>Breite der mittleren Schicht des Adapters. Mehr kann mehr lernen und kostet mehr Speicher und Zeit; üblich sind 16 bis 256.</translation>
    </message>
    <message>
        <source>Width of the encoder&apos;s inner layers. It costs memory and time while training only.</source>
        <translation>Breite der inneren Schichten des Encoders. Sie kostet nur beim Training Speicher und Zeit.</translation>
    </message>
    <message>
        <source>Words</source>
        <translation>Wörter</translation>
    </message>
    <message>
        <source>bert: everything normal with deviation 0.02, as published. mam_adapter: the last matrix 0, so that training starts from the base model. houlsby: normal with deviation 0.01.</source>
        <translation>bert: alles normalverteilt mit Streuung 0,02, wie veröffentlicht. mam_adapter: die letzte Matrix 0, sodass das Training beim Grundmodell beginnt. houlsby: normalverteilt mit Streuung 0,01.</translation>
    </message>
    <message>
        <source>layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>How to divide</source>
        <translation>Aufteilung</translation>
    </message>
    <message>
        <source>How rows are put aside from the training data: at random, by a column, in folds, or so that only a few train.</source>
        <translation>Wie Zeilen von den Trainingsdaten zurückgelegt werden: zufällig, nach einer Spalte, in Teilen, oder so, dass nur wenige trainieren.</translation>
    </message>
    <message>
        <source>By shares</source>
        <translation>Nach Anteilen</translation>
    </message>
    <message>
        <source>By shares, stratified</source>
        <translation>Nach Anteilen, geschichtet</translation>
    </message>
    <message>
        <source>By groups</source>
        <translation>Nach Gruppen</translation>
    </message>
    <message>
        <source>By a column</source>
        <translation>Nach einer Spalte</translation>
    </message>
    <message>
        <source>Folds</source>
        <translation>Teile</translation>
    </message>
    <message>
        <source>Few shots</source>
        <translation>Wenige Beispiele</translation>
    </message>
    <message>
        <source>Column to divide by</source>
        <translation>Spalte zum Aufteilen</translation>
    </message>
    <message>
        <source>Of groups that stay together, of labels, or of the words train, dev and test. Empty: the label column, where there is one.</source>
        <translation>Mit Gruppen, die zusammenbleiben, mit Klassen oder mit den Wörtern train, dev und test. Leer: die Klassenspalte, wo es eine gibt.</translation>
    </message>
    <message>
        <source>Test data</source>
        <translation>Testdaten</translation>
    </message>
    <message>
        <source>Rows that are measured once, when training is over. Empty: there are none, unless a share is put aside.</source>
        <translation>Zeilen, die einmal gemessen werden, wenn das Training vorbei ist. Leer: keine, außer ein Anteil wird zurückgelegt.</translation>
    </message>
    <message>
        <source>Share for the test</source>
        <translation>Anteil für den Test</translation>
    </message>
    <message>
        <source>Share of the training rows that is measured once, when training is over.</source>
        <translation>Anteil der Trainingszeilen, der einmal gemessen wird, wenn das Training vorbei ist.</translation>
    </message>
    <message>
        <source>Seed of the split</source>
        <translation>Startwert der Aufteilung</translation>
    </message>
    <message>
        <source>The same seed divides the same data in the same way, whatever else differs. 0: the run&apos;s own seed (folds have one for all runs).</source>
        <translation>Derselbe Startwert teilt dieselben Daten gleich auf, was sonst auch anders ist. 0: der Startwert des Laufs (für Teile gilt einer für alle Läufe).</translation>
    </message>
    <message>
        <source>Equal parts, of which one evaluates and the others train.</source>
        <translation>Gleiche Teile, von denen einer prüft und die anderen trainieren.</translation>
    </message>
    <message>
        <source>Fold</source>
        <translation>Teil</translation>
    </message>
    <message>
        <source>Which part evaluates, counted from 0.</source>
        <translation>Welcher Teil prüft, gezählt ab 0.</translation>
    </message>
    <message>
        <source>Shots</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <source>Rows in all, or of each label.</source>
        <translation>Zeilen insgesamt oder je Klasse.</translation>
    </message>
    <message>
        <source>Shots count</source>
        <translation>Beispiele zählen</translation>
    </message>
    <message>
        <source>The rows in all, or those of each label.</source>
        <translation>Die Zeilen insgesamt oder die jeder Klasse.</translation>
    </message>
    <message>
        <source>In all</source>
        <translation>Insgesamt</translation>
    </message>
    <message>
        <source>Of each label</source>
        <translation>Je Klasse</translation>
    </message>
    <message>
        <source>Evaluate on</source>
        <translation>Prüfen mit</translation>
    </message>
    <message>
        <source>A share of the shots, as scarce as the training rows, or many other rows, which few people have who have few rows.</source>
        <translation>Ein Anteil der Beispiele, so knapp wie die Trainingszeilen, oder viele andere Zeilen, die kaum jemand hat, der wenige Zeilen hat.</translation>
    </message>
    <message>
        <source>Some of the shots</source>
        <translation>Einigen der Beispiele</translation>
    </message>
    <message>
        <source>Many other rows</source>
        <translation>Vielen anderen Zeilen</translation>
    </message>
    <message>
        <source>Share trained on</source>
        <translation>Anteil zum Trainieren</translation>
    </message>
    <message>
        <source>Share of the shots that trains; the others evaluate.</source>
        <translation>Anteil der Beispiele, der trainiert; die anderen prüfen.</translation>
    </message>
    <message>
        <source>Rows to evaluate on</source>
        <translation>Zeilen zum Prüfen</translation>
    </message>
    <message>
        <source>How many of the rows that are no shots evaluate.</source>
        <translation>Wie viele der übrigen Zeilen prüfen.</translation>
    </message>
    <message>
        <source>Rows to leave out</source>
        <translation>Auszulassende Zeilen</translation>
    </message>
    <message>
        <source>Names of fixes, separated by commas, such as remove_duplicates, drop_empty or drop_conflicts: what they find in the training data is left out.</source>
        <translation>Namen von Behebungen, durch Kommas getrennt, etwa remove_duplicates, drop_empty oder drop_conflicts: was sie in den Trainingsdaten finden, wird ausgelassen.</translation>
    </message>
    <message>
        <source>Bad rows allowed</source>
        <translation>Erlaubte schlechte Zeilen</translation>
    </message>
    <message>
        <source>Largest share of a file&apos;s rows that may be unusable; with more a run does not start.</source>
        <translation>Größter Anteil unbrauchbarer Zeilen einer Datei; mit mehr beginnt ein Lauf nicht.</translation>
    </message>
    <message>
        <source>Concatenation: the exact sum</source>
        <translation>Aneinanderreihen: die genaue Summe</translation>
    </message>
    <message>
        <source>SVD: nearest of a rank</source>
        <translation>SVD: die nächste eines Rangs</translation>
    </message>
    <message>
        <source>Linear</source>
        <translation>Linear</translation>
    </message>
    <message>
        <source>TIES</source>
        <translation>TIES</translation>
    </message>
    <message>
        <source>TIES with SVD</source>
        <translation>TIES mit SVD</translation>
    </message>
    <message>
        <source>DARE</source>
        <translation>DARE</translation>
    </message>
    <message>
        <source>DARE with SVD</source>
        <translation>DARE mit SVD</translation>
    </message>
    <message>
        <source>DARE and TIES</source>
        <translation>DARE und TIES</translation>
    </message>
    <message>
        <source>DARE and TIES with SVD</source>
        <translation>DARE und TIES mit SVD</translation>
    </message>
    <message>
        <source>Magnitude pruning</source>
        <translation>Kleine Einträge weglassen</translation>
    </message>
    <message>
        <source>Magnitude pruning with SVD</source>
        <translation>Kleine Einträge weglassen, mit SVD</translation>
    </message>
    <message>
        <source>Concatenation is exact and as large as all together. SVD makes it smaller. TIES and DARE drop entries, so that adapters of different tasks disturb each other less.</source>
        <translation>Aneinanderreihen ist genau und so groß wie alle zusammen. SVD macht das Ergebnis kleiner. TIES und DARE lassen Einträge weg, damit sich Adapter verschiedener Aufgaben weniger stören.</translation>
    </message>
    <message>
        <source>Of the result; 0: the largest of the adapters combined.</source>
        <translation>Des Ergebnisses; 0: der größte der vereinten Adapter.</translation>
    </message>
    <message>
        <source>Density</source>
        <translation>Dichte</translation>
    </message>
    <message>
        <source>Share of entries that is kept of each adapter.</source>
        <translation>Anteil der Einträge, der von jedem Adapter bleibt.</translation>
    </message>
    <message>
        <source>Signs</source>
        <translation>Vorzeichen</translation>
    </message>
    <message>
        <source>How TIES elects the sign of an entry that the adapters disagree about.</source>
        <translation>Wie TIES das Vorzeichen eines Eintrags wählt, über das die Adapter uneins sind.</translation>
    </message>
    <message>
        <source>By their sum</source>
        <translation>Nach ihrer Summe</translation>
    </message>
    <message>
        <source>By their number</source>
        <translation>Nach ihrer Zahl</translation>
    </message>
    <message>
        <source>Of the entries that DARE drops at random.</source>
        <translation>Für die Einträge, die DARE zufällig weglässt.</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>What kind of file the training data is.</source>
        <translation>Von welcher Art die Datei mit den Trainingsdaten ist.</translation>
    </message>
    <message>
        <source>JSON Lines</source>
        <translation>JSON Lines</translation>
    </message>
    <message>
        <source>JSON</source>
        <translation>JSON</translation>
    </message>
    <message>
        <source>CSV</source>
        <translation>CSV</translation>
    </message>
    <message>
        <source>TSV</source>
        <translation>TSV</translation>
    </message>
    <message>
        <source>Parquet</source>
        <translation>Parquet</translation>
    </message>
    <message>
        <source>Encoding</source>
        <translation>Kodierung</translation>
    </message>
    <message>
        <source>How the training data&apos;s letters are written as bytes.</source>
        <translation>Wie die Buchstaben der Trainingsdaten als Bytes geschrieben sind.</translation>
    </message>
    <message>
        <source>UTF-8</source>
        <translation>UTF-8</translation>
    </message>
    <message>
        <source>UTF-16 LE</source>
        <translation>UTF-16 LE</translation>
    </message>
    <message>
        <source>UTF-16 BE</source>
        <translation>UTF-16 BE</translation>
    </message>
    <message>
        <source>Windows-1252</source>
        <translation>Windows-1252</translation>
    </message>
    <message>
        <source>Latin-1</source>
        <translation>Latin-1</translation>
    </message>
    <message>
        <source>Delimiter</source>
        <translation>Trennzeichen</translation>
    </message>
    <message>
        <source>What stands between the columns of a CSV or TSV file.</source>
        <translation>Was zwischen den Spalten einer CSV- oder TSV-Datei steht.</translation>
    </message>
    <message>
        <source>Comma</source>
        <translation>Komma</translation>
    </message>
    <message>
        <source>Semicolon</source>
        <translation>Semikolon</translation>
    </message>
    <message>
        <source>Tab</source>
        <translation>Tabulator</translation>
    </message>
    <message>
        <source>Pipe</source>
        <translation>Senkrechter Strich</translation>
    </message>
    <message>
        <source>Header</source>
        <translation>Kopfzeile</translation>
    </message>
    <message>
        <source>Whether the first line of a CSV or TSV file names the columns.</source>
        <translation>Ob die erste Zeile einer CSV- oder TSV-Datei die Spalten benennt.</translation>
    </message>
    <message>
        <source>First line</source>
        <translation>Erste Zeile</translation>
    </message>
    <message>
        <source>Numbers of texts</source>
        <translation>Zahlen von Texten</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation>Fragen</translation>
    </message>
    <message>
        <source>Summaries</source>
        <translation>Zusammenfassungen</translation>
    </message>
    <message>
        <source>Translation</source>
        <translation>Übersetzung</translation>
    </message>
    <message>
        <source>Multiple choice</source>
        <translation>Auswahlfragen</translation>
    </message>
    <message>
        <source>GLUE CoLA</source>
        <translation>GLUE CoLA</translation>
    </message>
    <message>
        <source>GLUE SST-2</source>
        <translation>GLUE SST-2</translation>
    </message>
    <message>
        <source>GLUE MRPC</source>
        <translation>GLUE MRPC</translation>
    </message>
    <message>
        <source>GLUE STS-B</source>
        <translation>GLUE STS-B</translation>
    </message>
    <message>
        <source>GLUE QQP</source>
        <translation>GLUE QQP</translation>
    </message>
    <message>
        <source>GLUE MNLI</source>
        <translation>GLUE MNLI</translation>
    </message>
    <message>
        <source>GLUE QNLI</source>
        <translation>GLUE QNLI</translation>
    </message>
    <message>
        <source>GLUE RTE</source>
        <translation>GLUE RTE</translation>
    </message>
    <message>
        <source>GLUE WNLI</source>
        <translation>GLUE WNLI</translation>
    </message>
    <message>
        <source>MultiArith</source>
        <translation>MultiArith</translation>
    </message>
    <message>
        <source>AddSub</source>
        <translation>AddSub</translation>
    </message>
    <message>
        <source>SingleEq</source>
        <translation>SingleEq</translation>
    </message>
    <message>
        <source>GSM8K</source>
        <translation>GSM8K</translation>
    </message>
    <message>
        <source>SVAMP</source>
        <translation>SVAMP</translation>
    </message>
    <message>
        <source>MAWPS</source>
        <translation>MAWPS</translation>
    </message>
    <message>
        <source>AQuA, first letter</source>
        <translation>AQuA, erster Buchstabe</translation>
    </message>
    <message>
        <source>AQuA, last letter</source>
        <translation>AQuA, letzter Buchstabe</translation>
    </message>
    <message>
        <source>AQuA, stated option</source>
        <translation>AQuA, genannte Antwort</translation>
    </message>
    <message>
        <source>BoolQ</source>
        <translation>BoolQ</translation>
    </message>
    <message>
        <source>PIQA</source>
        <translation>PIQA</translation>
    </message>
    <message>
        <source>Social IQa</source>
        <translation>Social IQa</translation>
    </message>
    <message>
        <source>HellaSwag</source>
        <translation>HellaSwag</translation>
    </message>
    <message>
        <source>WinoGrande</source>
        <translation>WinoGrande</translation>
    </message>
    <message>
        <source>ARC-Easy</source>
        <translation>ARC-Easy</translation>
    </message>
    <message>
        <source>ARC-Challenge</source>
        <translation>ARC-Challenge</translation>
    </message>
    <message>
        <source>OpenBookQA</source>
        <translation>OpenBookQA</translation>
    </message>
    <message>
        <source>Own task</source>
        <translation>Eigene Aufgabe</translation>
    </message>
    <message>
        <source>Task description</source>
        <translation>Aufgabenbeschreibung</translation>
    </message>
    <message>
        <source>A .json file that says what is asked and how answers are scored; see the manual.</source>
        <translation>Eine .json-Datei, die sagt, was gefragt wird und wie Antworten bewertet werden; siehe Handbuch.</translation>
    </message>
    <message>
        <source>Follow an instruction; the loss is taken on the answer.</source>
        <translation>Einer Anweisung folgen; der Verlust wird auf der Antwort gebildet.</translation>
    </message>
    <message>
        <source>Answer with one of a few labels.</source>
        <translation>Mit einer von wenigen Klassen antworten.</translation>
    </message>
    <message>
        <source>Tell labels apart by a head that is trained along; for encoders and decoders.</source>
        <translation>Klassen durch einen mittrainierten Kopf unterscheiden; für Encoder und Decoder.</translation>
    </message>
    <message>
        <source>Tell a number by a head that is trained along; for encoders and decoders.</source>
        <translation>Eine Zahl durch einen mittrainierten Kopf angeben; für Encoder und Decoder.</translation>
    </message>
    <message>
        <source>Continue text; the loss is taken on every token.</source>
        <translation>Text fortsetzen; der Verlust wird auf jedem Token gebildet.</translation>
    </message>
    <message>
        <source>Answer shortly; exact match and F1 of words.</source>
        <translation>Kurz antworten; genaue Übereinstimmung und F1 der Wörter.</translation>
    </message>
    <message>
        <source>Tell a text in short; ROUGE.</source>
        <translation>Einen Text kurz wiedergeben; ROUGE.</translation>
    </message>
    <message>
        <source>Say a text in another language; BLEU.</source>
        <translation>Einen Text in einer anderen Sprache sagen; BLEU.</translation>
    </message>
    <message>
        <source>Choose among the texts of the column &quot;choices&quot; by their likelihood.</source>
        <translation>Unter den Texten der Spalte „choices“ nach ihrer Wahrscheinlichkeit wählen.</translation>
    </message>
    <message>
        <source>Whether a sentence is grammatical.</source>
        <translation>Ob ein Satz grammatisch ist.</translation>
    </message>
    <message>
        <source>Whether a sentence of a film review is positive.</source>
        <translation>Ob ein Satz einer Filmkritik positiv ist.</translation>
    </message>
    <message>
        <source>Whether two sentences of the news mean the same.</source>
        <translation>Ob zwei Sätze aus Nachrichten dasselbe bedeuten.</translation>
    </message>
    <message>
        <source>How similar two sentences are, from 0 to 5.</source>
        <translation>Wie ähnlich zwei Sätze sind, von 0 bis 5.</translation>
    </message>
    <message>
        <source>Whether two questions ask the same.</source>
        <translation>Ob zwei Fragen dasselbe fragen.</translation>
    </message>
    <message>
        <source>Whether a sentence follows from another, contradicts it, or neither.</source>
        <translation>Ob ein Satz aus einem anderen folgt, ihm widerspricht oder keines von beiden.</translation>
    </message>
    <message>
        <source>Whether a sentence answers a question.</source>
        <translation>Ob ein Satz eine Frage beantwortet.</translation>
    </message>
    <message>
        <source>Whether a sentence follows from another.</source>
        <translation>Ob ein Satz aus einem anderen folgt.</translation>
    </message>
    <message>
        <source>Whether a pronoun means what a sentence puts in its place.</source>
        <translation>Ob ein Pronomen das meint, was ein Satz an seine Stelle setzt.</translation>
    </message>
    <message>
        <source>Word problems of several steps; the last number counts.</source>
        <translation>Textaufgaben in mehreren Schritten; die letzte Zahl zählt.</translation>
    </message>
    <message>
        <source>Word problems of addition and subtraction; the last number counts.</source>
        <translation>Textaufgaben zu Addition und Subtraktion; die letzte Zahl zählt.</translation>
    </message>
    <message>
        <source>Word problems of one equation; the last number counts.</source>
        <translation>Textaufgaben mit einer Gleichung; die letzte Zahl zählt.</translation>
    </message>
    <message>
        <source>Grade-school word problems; the last number counts.</source>
        <translation>Textaufgaben der Grundschule; die letzte Zahl zählt.</translation>
    </message>
    <message>
        <source>Word problems with misleading wording; the last number counts.</source>
        <translation>Textaufgaben mit irreführenden Worten; die letzte Zahl zählt.</translation>
    </message>
    <message>
        <source>Word problems from several sources; the last number counts.</source>
        <translation>Textaufgaben aus mehreren Quellen; die letzte Zahl zählt.</translation>
    </message>
    <message>
        <source>Algebra with five options; the first capital letter from A to E counts, as published.</source>
        <translation>Algebra mit fünf Antworten; der erste Großbuchstabe von A bis E zählt, wie veröffentlicht.</translation>
    </message>
    <message>
        <source>Algebra with five options; the last capital letter from A to E counts.</source>
        <translation>Algebra mit fünf Antworten; der letzte Großbuchstabe von A bis E zählt.</translation>
    </message>
    <message>
        <source>Algebra with five options; the option that the text states as its answer counts.</source>
        <translation>Algebra mit fünf Antworten; es zählt die, die der Text als Antwort nennt.</translation>
    </message>
    <message>
        <source>Yes-or-no questions; the first &quot;true&quot; or &quot;false&quot; counts.</source>
        <translation>Ja-Nein-Fragen; das erste „true“ oder „false“ zählt.</translation>
    </message>
    <message>
        <source>Which of two ways to do a thing works.</source>
        <translation>Welcher von zwei Wegen zum Ziel führt.</translation>
    </message>
    <message>
        <source>What people do, feel and want.</source>
        <translation>Was Menschen tun, fühlen und wollen.</translation>
    </message>
    <message>
        <source>Which of four endings continues a scene.</source>
        <translation>Welches von vier Enden eine Szene fortsetzt.</translation>
    </message>
    <message>
        <source>Which of two words fills a blank.</source>
        <translation>Welches von zwei Wörtern eine Lücke füllt.</translation>
    </message>
    <message>
        <source>Science questions of school, the easier ones.</source>
        <translation>Naturkundefragen aus der Schule, die leichteren.</translation>
    </message>
    <message>
        <source>Science questions of school, the harder ones.</source>
        <translation>Naturkundefragen aus der Schule, die schwereren.</translation>
    </message>
    <message>
        <source>Science facts applied to new situations.</source>
        <translation>Naturkundliche Tatsachen in neuen Lagen.</translation>
    </message>
    <message>
        <source>Every trial runs to its end.</source>
        <translation>Jeder Versuch läuft bis zu seinem Ende.</translation>
    </message>
    <message>
        <source>Median</source>
        <translation>Median</translation>
    </message>
    <message>
        <source>Ends a trial that is worse than half of the others at the same step.</source>
        <translation>Beendet einen Versuch, der beim selben Schritt schlechter ist als die Hälfte der anderen.</translation>
    </message>
    <message>
        <source>Percentile</source>
        <translation>Perzentil</translation>
    </message>
    <message>
        <source>As the median, with a share of your choice that goes on.</source>
        <translation>Wie der Median, mit einem frei gewählten Anteil, der weiterläuft.</translation>
    </message>
    <message>
        <source>Successive halving (ASHA)</source>
        <translation>Fortgesetzte Halbierung (ASHA)</translation>
    </message>
    <message>
        <source>Many trials begin, and at each of a few steps only the best part goes on.</source>
        <translation>Viele Versuche beginnen, und bei jedem von wenigen Schritten läuft nur der beste Teil weiter.</translation>
    </message>
    <message>
        <source>Hyperband</source>
        <translation>Hyperband</translation>
    </message>
    <message>
        <source>Successive halving of several kinds at once, for trials whose early values mislead.</source>
        <translation>Fortgesetzte Halbierung in mehreren Arten zugleich, für Versuche, deren frühe Werte täuschen.</translation>
    </message>
    <message>
        <source>Patience</source>
        <translation>Geduld</translation>
    </message>
    <message>
        <source>Ends a trial that no longer improves, or asks another pruner then.</source>
        <translation>Beendet einen Versuch, der nicht mehr besser wird, oder fragt dann ein anderes Verfahren.</translation>
    </message>
    <message>
        <source>Wilcoxon test</source>
        <translation>Wilcoxon-Test</translation>
    </message>
    <message>
        <source>For values over folds or tasks: ends a trial that is surely worse than the best one.</source>
        <translation>Für Werte über Teilmengen oder Aufgaben: beendet einen Versuch, der sicher schlechter ist als der beste.</translation>
    </message>
    <message>
        <source>Threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <source>Ends a trial whose value leaves the bounds you set.</source>
        <translation>Beendet einen Versuch, dessen Wert die gesetzten Grenzen verlässt.</translation>
    </message>
    <message>
        <source>Divergence</source>
        <translation>Divergenz</translation>
    </message>
    <message>
        <source>Ends a trial that has become far worse than it was.</source>
        <translation>Beendet einen Versuch, der viel schlechter geworden ist, als er war.</translation>
    </message>
    <message>
        <source>Steps before pruning</source>
        <translation>Schritte vor dem ersten Abbruch</translation>
    </message>
    <message>
        <source>Nothing is pruned before a trial has come so far.</source>
        <translation>Vorher wird kein Versuch abgebrochen.</translation>
    </message>
    <message>
        <source>Steps between two checks</source>
        <translation>Schritte zwischen zwei Prüfungen</translation>
    </message>
    <message>
        <source>A trial is looked at once in each interval behind the steps before pruning.</source>
        <translation>Nach den Schritten vor dem ersten Abbruch wird ein Versuch in jedem Abschnitt einmal geprüft.</translation>
    </message>
    <message>
        <source>Complete trials first</source>
        <translation>Erst vollständige Versuche</translation>
    </message>
    <message>
        <source>Nothing is pruned before so many trials are complete.</source>
        <translation>Bevor so viele Versuche vollständig sind, wird nichts abgebrochen.</translation>
    </message>
    <message>
        <source>Trials to compare with</source>
        <translation>Versuche zum Vergleich</translation>
    </message>
    <message>
        <source>Nothing is pruned at a step that fewer complete trials have a value of.</source>
        <translation>Bei einem Schritt, für den weniger vollständige Versuche einen Wert haben, wird nichts abgebrochen.</translation>
    </message>
    <message>
        <source>Share kept</source>
        <translation>Anteil, der bleibt</translation>
    </message>
    <message>
        <source>Trials among the best of so many percent go on.</source>
        <translation>Versuche unter den besten so vielen Prozent laufen weiter.</translation>
    </message>
    <message>
        <source>Lowest value</source>
        <translation>Kleinster Wert</translation>
    </message>
    <message>
        <source>A trial with a value below ends; the lowest number there is: no bound.</source>
        <translation>Ein Versuch mit einem Wert darunter endet; die kleinste Zahl, die es gibt: keine Grenze.</translation>
    </message>
    <message>
        <source>Highest value</source>
        <translation>Größter Wert</translation>
    </message>
    <message>
        <source>A trial with a value above ends; the highest number there is: no bound.</source>
        <translation>Ein Versuch mit einem Wert darüber endet; die größte Zahl, die es gibt: keine Grenze.</translation>
    </message>
    <message>
        <source>Times worse than its best</source>
        <translation>So viel schlechter als der beste</translation>
    </message>
    <message>
        <source>A trial ends when its value is so many times worse than its best one. Values that are not finite end it too.</source>
        <translation>Ein Versuch endet, wenn sein Wert so viele Male schlechter ist als sein bester. Auch Werte, die nicht endlich sind, beenden ihn.</translation>
    </message>
    <message>
        <source>One of so many goes on</source>
        <translation>Einer von so vielen läuft weiter</translation>
    </message>
    <message>
        <source>From each rung the best of so many trials goes on, and the next rung is so many times further.</source>
        <translation>Von jeder Stufe läuft der beste von so vielen Versuchen weiter, und die nächste Stufe liegt so viele Male weiter.</translation>
    </message>
    <message>
        <source>Trials before the first goes on</source>
        <translation>Versuche, bevor der erste weiterläuft</translation>
    </message>
    <message>
        <source>Go on later</source>
        <translation>Später weiterlaufen</translation>
    </message>
    <message>
        <source>A trial that has ended at a rung goes on from its checkpoint once it is among the best there.</source>
        <translation>Ein Versuch, der an einer Stufe geendet hat, läuft von seinem Zwischenstand aus weiter, sobald er dort zu den besten gehört.</translation>
    </message>
    <message>
        <source>The first trials at a rung end there, so many as this.</source>
        <translation>So viele Versuche, die zuerst zu einer Stufe kommen, enden dort.</translation>
    </message>
    <message>
        <source>First rung</source>
        <translation>Erste Stufe</translation>
    </message>
    <message>
        <source>Trials are compared first at this step; 0: at a hundredth of the longest complete trial, and nothing is pruned before one is complete.</source>
        <translation>Bei diesem Schritt werden Versuche zuerst verglichen; 0: bei einem Hundertstel des längsten vollständigen Versuchs, und vorher wird nichts abgebrochen.</translation>
    </message>
    <message>
        <source>Rungs left out</source>
        <translation>Ausgelassene Stufen</translation>
    </message>
    <message>
        <source>rungs</source>
        <translation>Stufen</translation>
    </message>
    <message>
        <source>The first rungs that are not compared at.</source>
        <translation>Die ersten Stufen, bei denen nicht verglichen wird.</translation>
    </message>
    <message>
        <source>Where the first bracket compares its trials first.</source>
        <translation>Wo die erste Gruppe ihre Versuche zuerst vergleicht.</translation>
    </message>
    <message>
        <source>Steps of a whole trial</source>
        <translation>Schritte eines ganzen Versuchs</translation>
    </message>
    <message>
        <source>Decides how many brackets there are; 0: as many as the longest complete trial has, and nothing is pruned before one is complete.</source>
        <translation>Bestimmt, wie viele Gruppen es gibt; 0: so viele, wie der längste vollständige Versuch hat, und vorher wird nichts abgebrochen.</translation>
    </message>
    <message>
        <source>So many values after the best one may pass without being better.</source>
        <translation>So viele Werte nach dem besten dürfen vergehen, ohne besser zu sein.</translation>
    </message>
    <message>
        <source>values</source>
        <translation>Werte</translation>
    </message>
    <message>
        <source>Least improvement</source>
        <translation>Kleinste Verbesserung</translation>
    </message>
    <message>
        <source>Smaller improvements do not count.</source>
        <translation>Kleinere Verbesserungen zählen nicht.</translation>
    </message>
    <message>
        <source>Then ask</source>
        <translation>Dann fragen</translation>
    </message>
    <message>
        <source>Who decides about a trial that has not improved; its own options apply.</source>
        <translation>Wer über einen Versuch entscheidet, der nicht besser geworden ist; es gelten dessen eigene Optionen.</translation>
    </message>
    <message>
        <source>None: patience alone decides</source>
        <translation>Keinen: die Geduld allein entscheidet</translation>
    </message>
    <message>
        <source>Successive halving</source>
        <translation>Fortgesetzte Halbierung</translation>
    </message>
    <message>
        <source>Wilcoxon</source>
        <translation>Wilcoxon</translation>
    </message>
    <message>
        <source>Error probability</source>
        <translation>Irrtumswahrscheinlichkeit</translation>
    </message>
    <message>
        <source>How likely a trial may be ended that is as good as the best one.</source>
        <translation>Wie wahrscheinlich ein Versuch enden darf, der so gut ist wie der beste.</translation>
    </message>
    <message>
        <source>Steps to compare first</source>
        <translation>Schritte vor dem Vergleich</translation>
    </message>
    <message>
        <source>So many steps must be shared with the best trial; single ones tell nothing.</source>
        <translation>So viele Schritte müssen dem besten Versuch gemeinsam sein; einzelne besagen nichts.</translation>
    </message>
    <message>
        <source>trials</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>%</source>
        <translation>%</translation>
    </message>
    <message>
        <source>Data file</source>
        <translation>Datendatei</translation>
    </message>
    <message>
        <source>Its rows are asked, one after the other.</source>
        <translation>Ihre Zeilen werden gefragt, eine nach der anderen.</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Only the first so many rows are asked; 0: all.</source>
        <translation>Nur die ersten so vielen Zeilen werden gefragt; 0: alle.</translation>
    </message>
    <message>
        <source>An answer ends after so many tokens; 0: as the task has it.</source>
        <translation>Eine Antwort endet nach so vielen Token; 0: wie die Aufgabe es vorsieht.</translation>
    </message>
    <message>
        <source>Above 1, follows so many likely answers at once; 0: as the task has it.</source>
        <translation>Über 1 werden so viele wahrscheinliche Antworten zugleich verfolgt; 0: wie die Aufgabe es vorsieht.</translation>
    </message>
    <message>
        <source>Rows at a time</source>
        <translation>Zeilen auf einmal</translation>
    </message>
    <message>
        <source>More are faster, as long as the memory does.</source>
        <translation>Mehr sind schneller, solange der Speicher reicht.</translation>
    </message>
    <message>
        <source>Of tokens that are drawn, and of the intervals.</source>
        <translation>Für gezogene Token und für die Intervalle.</translation>
    </message>
    <message>
        <source>Random trials first</source>
        <translation>Zufällige Versuche zuerst</translation>
    </message>
    <message>
        <source>Points drawn at random before the method learns from them.</source>
        <translation>So viele Punkte werden zufällig gezogen, bevor das Verfahren aus ihnen lernt.</translation>
    </message>
    <message>
        <source>Candidates</source>
        <translation>Kandidaten</translation>
    </message>
    <message>
        <source>Points drawn from the density of the better trials, the best of which is tried.</source>
        <translation>So viele Punkte werden aus der Dichte der besseren Versuche gezogen; der beste wird versucht.</translation>
    </message>
    <message>
        <source>Joint densities</source>
        <translation>Gemeinsame Dichten</translation>
    </message>
    <message>
        <source>Models parameters together; without it each one is modelled alone.</source>
        <translation>Modelliert die Parameter gemeinsam; sonst jeden für sich.</translation>
    </message>
    <message>
        <source>Better part</source>
        <translation>Besserer Teil</translation>
    </message>
    <message>
        <source>How many of n trials count as the better ones.</source>
        <translation>Wie viele von n Versuchen als die besseren gelten.</translation>
    </message>
    <message>
        <source>A tenth, at most 25</source>
        <translation>Ein Zehntel, höchstens 25</translation>
    </message>
    <message>
        <source>A quarter of the root, at most 25</source>
        <translation>Ein Viertel der Wurzel, höchstens 25</translation>
    </message>
    <message>
        <source>First step size</source>
        <translation>Erste Schrittweite</translation>
    </message>
    <message>
        <source>of the range</source>
        <translation>des Bereichs</translation>
    </message>
    <message>
        <source>How far the first points lie from the middle.</source>
        <translation>Wie weit die ersten Punkte von der Mitte entfernt liegen.</translation>
    </message>
    <message>
        <source>Population</source>
        <translation>Population</translation>
    </message>
    <message>
        <source>NSGA-II</source>
        <translation>NSGA-II</translation>
    </message>
    <message>
        <source>Evolves a population towards the front of several objectives; for hundreds of trials.</source>
        <translation>Entwickelt eine Population auf die Front mehrerer Ziele hin; für Hunderte von Versuchen.</translation>
    </message>
    <message>
        <source>Trials of one generation; the first one is drawn at random.</source>
        <translation>Versuche einer Generation; die erste wird zufällig gezogen.</translation>
    </message>
    <message>
        <source>Trials of one generation; 0 takes 4 + 3 ln(number of parameters).</source>
        <translation>Versuche einer Generation; 0 nimmt 4 + 3 ln(Anzahl der Parameter).</translation>
    </message>
    <message>
        <source>Slower under noise</source>
        <translation>Langsamer bei Rauschen</translation>
    </message>
    <message>
        <source>Adapts the learning rate to how much a generation tells: for noisy scores.</source>
        <translation>Passt die Lernrate daran an, wie viel eine Generation aussagt: für verrauschte Werte.</translation>
    </message>
    <message>
        <source>Design first</source>
        <translation>Versuchsplan zuerst</translation>
    </message>
    <message>
        <source>Evenly spread points before the method learns from them.</source>
        <translation>So viele gleichmäßig verteilte Punkte, bevor das Verfahren aus ihnen lernt.</translation>
    </message>
    <message>
        <source>of the trials</source>
        <translation>der Versuche</translation>
    </message>
    <message>
        <source>Share of the planned trials that is spread evenly before the search proper.</source>
        <translation>Anteil der geplanten Versuche, der vor der eigentlichen Suche gleichmäßig verteilt wird.</translation>
    </message>
    <message>
        <source>Poll</source>
        <translation>Abfrage</translation>
    </message>
    <message>
        <source>Directions around the best point: as many as parameters and one more, or twice as many.</source>
        <translation>Richtungen um den besten Punkt: eine mehr als Parameter oder doppelt so viele.</translation>
    </message>
    <message>
        <source>n + 1, the last by a model</source>
        <translation>n + 1, die letzte nach einem Modell</translation>
    </message>
    <message>
        <source>2 n</source>
        <translation>2 n</translation>
    </message>
    <message>
        <source>Model search</source>
        <translation>Modellsuche</translation>
    </message>
    <message>
        <source>Tries the best points of quadratic models.</source>
        <translation>Versucht die besten Punkte quadratischer Modelle.</translation>
    </message>
    <message>
        <source>Nelder–Mead search</source>
        <translation>Nelder-Mead-Suche</translation>
    </message>
    <message>
        <source>Tries the steps of a simplex.</source>
        <translation>Versucht die Schritte eines Simplex.</translation>
    </message>
    <message>
        <source>Speculative search</source>
        <translation>Vorausgreifende Suche</translation>
    </message>
    <message>
        <source>Tries farther steps in directions that helped.</source>
        <translation>Versucht weitere Schritte in Richtungen, die halfen.</translation>
    </message>
    <message>
        <source>Levels</source>
        <translation>Stufen</translation>
    </message>
    <message>
        <source>Values tried of a real number, and of a whole number or choice that has more.</source>
        <translation>So viele Werte werden von einer reellen Zahl versucht, und von einer ganzen Zahl oder Auswahl, die mehr hat.</translation>
    </message>
    <message>
        <source>Trials</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>Those already made included.</source>
        <translation>Die schon gemachten mitgezählt.</translation>
    </message>
    <message>
        <source>Steps in all</source>
        <translation>Schritte insgesamt</translation>
    </message>
    <message>
        <source>Of all trials together; 0: no limit.</source>
        <translation>Aller Versuche zusammen; 0: keine Grenze.</translation>
    </message>
    <message>
        <source>Hours</source>
        <translation>Stunden</translation>
    </message>
    <message>
        <source>No trial is started once they are over; 0: no limit.</source>
        <translation>Danach beginnt kein Versuch mehr; 0: keine Grenze.</translation>
    </message>
    <message>
        <source>Finalists</source>
        <translation>Finalisten</translation>
    </message>
    <message>
        <source>So many of the best trials with different values are run again.</source>
        <translation>So viele der besten Versuche mit verschiedenen Werten laufen noch einmal.</translation>
    </message>
    <message>
        <source>Seeds</source>
        <translation>Startwerte</translation>
    </message>
    <message>
        <source>Each finalist is run with so many seeds, the same ones for all.</source>
        <translation>Jeder Finalist läuft mit so vielen Startwerten, für alle dieselben.</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>Frage</translation>
    </message>
    <message>
        <source>Each of its recipes is made from the recipe of the recipe page.</source>
        <translation>Jedes ihrer Rezepte entsteht aus dem der Rezeptseite.</translation>
    </message>
    <message>
        <source>Each recipe is trained with so many seeds, the same ones for all.</source>
        <translation>Jedes Rezept wird mit so vielen Startwerten trainiert, alle mit denselben.</translation>
    </message>
    <message>
        <source>Compared by</source>
        <translation>Verglichen nach</translation>
    </message>
    <message>
        <source>The metric whose last value counts.</source>
        <translation>Die Metrik, deren letzter Wert zählt.</translation>
    </message>
    <message>
        <source>Highest accuracy</source>
        <translation>Höchste Genauigkeit</translation>
    </message>
    <message>
        <source>Lowest evaluation loss</source>
        <translation>Kleinster Verlust der Auswertung</translation>
    </message>
    <message>
        <source>Is the allocation worth it?</source>
        <translation>Lohnt sich die Zuteilung?</translation>
    </message>
    <message>
        <source>HeteroLoRA, dynamic</source>
        <translation>HeteroLoRA, dynamisch</translation>
    </message>
    <message>
        <source>HeteroLoRA, static by SNIP</source>
        <translation>HeteroLoRA, statisch nach SNIP</translation>
    </message>
    <message>
        <source>LoRA, uniform</source>
        <translation>LoRA, gleichmäßig</translation>
    </message>
    <message>
        <source>Random allocation</source>
        <translation>Zufällige Zuteilung</translation>
    </message>
    <message>
        <source>LoRA, values only</source>
        <translation>LoRA, nur Werte (V)</translation>
    </message>
    <message>
        <source>Does a simplex of prefixes help with few examples?</source>
        <translation>Hilft ein Simplex aus Präfixen bei wenigen Beispielen?</translation>
    </message>
    <message>
        <source>Simplex, evaluated in the middle</source>
        <translation>Simplex, in der Mitte ausgewertet</translation>
    </message>
    <message>
        <source>Simplex, evaluated at drawn points</source>
        <translation>Simplex, an gezogenen Punkten ausgewertet</translation>
    </message>
    <message>
        <source>Simplex, one head for all</source>
        <translation>Simplex, ein Kopf für alle</translation>
    </message>
    <message>
        <source>Simplex, one point for each step</source>
        <translation>Simplex, ein Punkt je Schritt</translation>
    </message>
    <message>
        <source>Prefixes or LoRA with few examples?</source>
        <translation>Präfixe oder LoRA bei wenigen Beispielen?</translation>
    </message>
    <message>
        <source>Allocation</source>
        <translation>Zuteilung</translation>
    </message>
    <message>
        <source>Which modules get the budget: chosen again and again while training, or once before it; or all of them, with ranks in proportion to their scores, or, as the control, with one rank and the same number of parameters.</source>
        <translation>Welche Module das Budget bekommen: im Training immer neu gewählt, oder einmal davor; oder alle, mit Rängen im Verhältnis zu ihren Wertungen, oder, zum Vergleich, mit einem Rang und ebenso vielen Parametern.</translation>
    </message>
    <message>
        <source>Dynamic</source>
        <translation>Dynamisch</translation>
    </message>
    <message>
        <source>Static</source>
        <translation>Statisch</translation>
    </message>
    <message>
        <source>Ranks by score</source>
        <translation>Ränge nach Wertung</translation>
    </message>
    <message>
        <source>Uniform (control)</source>
        <translation>Gleichmäßig (Kontrolle)</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>Wertung</translation>
    </message>
    <message>
        <source>What a module&apos;s worth is guessed from. The norm of its gradient is usual; &quot;Random&quot; is the control that any other choice has to beat.</source>
        <translation>Woraus der Wert eines Moduls geschätzt wird. Üblich ist die Norm seines Gradienten; „Zufällig“ ist die Kontrolle, die jede andere Wahl übertreffen muss.</translation>
    </message>
    <message>
        <source>Gradient norm</source>
        <translation>Norm des Gradienten</translation>
    </message>
    <message>
        <source>SNIP</source>
        <translation>SNIP</translation>
    </message>
    <message>
        <source>SynFlow</source>
        <translation>SynFlow</translation>
    </message>
    <message>
        <source>Product sensitivity</source>
        <translation>Empfindlichkeit des Produkts</translation>
    </message>
    <message>
        <source>Weight times gradient</source>
        <translation>Gewicht mal Gradient</translation>
    </message>
    <message>
        <source>Output test</source>
        <translation>Probe der Ausgabe</translation>
    </message>
    <message>
        <source>Random (control)</source>
        <translation>Zufällig (Kontrolle)</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>Budget</translation>
    </message>
    <message>
        <source>Share of the modules, or of their parameters, that is on at a time.</source>
        <translation>Anteil der Module oder ihrer Parameter, der zugleich eingeschaltet ist.</translation>
    </message>
    <message>
        <source>Budget counts</source>
        <translation>Das Budget zählt</translation>
    </message>
    <message>
        <source>Modules, as published, or parameters, which is fair where modules differ in size.</source>
        <translation>Module, wie veröffentlicht, oder Parameter, was gerecht ist, wo Module verschieden groß sind.</translation>
    </message>
    <message>
        <source>Modules</source>
        <translation>Module</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Budget in parameters</source>
        <translation>Budget in Parametern</translation>
    </message>
    <message>
        <source>Most parameters in modules that are on; 0: the share counts.</source>
        <translation>Höchstzahl der Parameter in eingeschalteten Modulen; 0: es gilt der Anteil.</translation>
    </message>
    <message>
        <source>Rankings</source>
        <translation>Ranglisten</translation>
    </message>
    <message>
        <source>LoRA modules and shortcuts compete with each other, or each kind has its own budget.</source>
        <translation>LoRA-Module und Abkürzungen konkurrieren miteinander, oder jede Art hat ihr eigenes Budget.</translation>
    </message>
    <message>
        <source>One for all</source>
        <translation>Eine für alle</translation>
    </message>
    <message>
        <source>One for each kind</source>
        <translation>Eine je Art</translation>
    </message>
    <message>
        <source>Divide scores by</source>
        <translation>Wertungen teilen durch</translation>
    </message>
    <message>
        <source>Nothing, as published, or the size of the module, or its square root.</source>
        <translation>Nichts, wie veröffentlicht, oder die Größe des Moduls, oder deren Wurzel.</translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation>Nichts</translation>
    </message>
    <message>
        <source>Root of the size</source>
        <translation>Wurzel der Größe</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Choose anew every</source>
        <translation>Neu wählen alle</translation>
    </message>
    <message>
        <source>Share of an epoch between two choices; 0.2 is usual.</source>
        <translation>Anteil einer Epoche zwischen zwei Wahlen; üblich ist 0.2.</translation>
    </message>
    <message>
        <source>epochs</source>
        <translation>Epochen</translation>
    </message>
    <message>
        <source>The same in steps</source>
        <translation>Dasselbe in Schritten</translation>
    </message>
    <message>
        <source>Steps between two choices; 0: the share of an epoch counts.</source>
        <translation>Schritte zwischen zwei Wahlen; 0: es gilt der Anteil einer Epoche.</translation>
    </message>
    <message>
        <source>Warm-up of the allocation</source>
        <translation>Anlauf der Zuteilung</translation>
    </message>
    <message>
        <source>Steps before the first choice.</source>
        <translation>Schritte vor der ersten Wahl.</translation>
    </message>
    <message>
        <source>Meanwhile</source>
        <translation>Währenddessen</translation>
    </message>
    <message>
        <source>What is on during the warm-up: everything, or a random choice within the budget.</source>
        <translation>Was im Anlauf eingeschaltet ist: alles, oder eine zufällige Wahl im Budget.</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>A random choice</source>
        <translation>Eine zufällige Wahl</translation>
    </message>
    <message>
        <source>Freeze after</source>
        <translation>Einfrieren nach</translation>
    </message>
    <message>
        <source>Share of the steps after which nothing is chosen any more; 0.5 to 0.7 gives the chosen modules time to learn.</source>
        <translation>Anteil der Schritte, nach dem nichts mehr gewählt wird; 0.5 bis 0.7 lässt den gewählten Modulen Zeit zu lernen.</translation>
    </message>
    <message>
        <source>Hysteresis</source>
        <translation>Hysterese</translation>
    </message>
    <message>
        <source>A module takes another&apos;s place only with a score that is better by this much.</source>
        <translation>Ein Modul nimmt den Platz eines anderen nur mit einer um so viel besseren Wertung ein.</translation>
    </message>
    <message>
        <source>Seed of ties</source>
        <translation>Startwert bei Gleichstand</translation>
    </message>
    <message>
        <source>Of the random choice between modules with the same score.</source>
        <translation>Für die zufällige Wahl zwischen Modulen gleicher Wertung.</translation>
    </message>
    <message>
        <source>Batches for scores</source>
        <translation>Stapel für Wertungen</translation>
    </message>
    <message>
        <source>Batches of the training data that the scores are taken on, always the same. 32 is published; 0 is as many, but while it trains only so many that scoring adds about a tenth to the time.</source>
        <translation>Stapel der Trainingsdaten, auf denen gewertet wird, immer dieselben. Veröffentlicht sind 32; 0 sind ebenso viele, im Training aber nur so viele, dass das Werten die Zeit um etwa ein Zehntel verlängert.</translation>
    </message>
    <message>
        <source>Random B</source>
        <translation>Zufällige B</translation>
    </message>
    <message>
        <source>While B is 0, SNIP, SynFlow and the product say nothing: they are averaged over so many random B, which are put back. 0: B as it is, as published.</source>
        <translation>Solange B 0 ist, sagen SNIP, SynFlow und das Produkt nichts: Sie werden über so viele zufällige B gemittelt, die zurückgestellt werden. 0: B, wie es ist, wie veröffentlicht.</translation>
    </message>
    <message>
        <source>Tolerance</source>
        <translation>Toleranz</translation>
    </message>
    <message>
        <source>How much worse the model may answer in the output test.</source>
        <translation>Um wie viel schlechter das Modell bei der Probe der Ausgabe antworten darf.</translation>
    </message>
    <message>
        <source>Shortcuts</source>
        <translation>Abkürzungen</translation>
    </message>
    <message>
        <source>Low-rank connections in the residual stream that compete for the budget too: around the parts of a layer, or from one layer to the next. They cannot be exported or merged.</source>
        <translation>Verbindungen niedrigen Rangs im Residualstrom, die sich mit um das Budget bewerben: um die Teile einer Schicht herum oder von einer Schicht zur nächsten. Sie lassen sich weder exportieren noch verschmelzen.</translation>
    </message>
    <message>
        <source>Around both parts</source>
        <translation>Um beide Teile</translation>
    </message>
    <message>
        <source>Across layers</source>
        <translation>Über Schichten hinweg</translation>
    </message>
    <message>
        <source>Around the attention</source>
        <translation>Um die Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Around the feed-forward part</source>
        <translation>Um den Feed-Forward-Teil</translation>
    </message>
    <message>
        <source>Layer input to output</source>
        <translation>Vom Eingang der Schicht zum Ausgang</translation>
    </message>
    <message>
        <source>Feed-forward input to the next</source>
        <translation>Vom Feed-Forward-Eingang zum nächsten</translation>
    </message>
    <message>
        <source>Alpha of shortcuts</source>
        <translation>Alpha der Abkürzungen</translation>
    </message>
    <message>
        <source>Scale of the shortcuts: alpha / rank. A quarter of the modules&apos; is published.</source>
        <translation>Maßstab der Abkürzungen: Alpha / Rang. Veröffentlicht ist ein Viertel dessen der Module.</translation>
    </message>
    <message>
        <source>Norm their inputs</source>
        <translation>Ihre Eingänge normieren</translation>
    </message>
    <message>
        <source>Divide what a shortcut reads by its root mean square.</source>
        <translation>Was eine Abkürzung liest, durch sein quadratisches Mittel teilen.</translation>
    </message>
    <message>
        <source>As released</source>
        <translation>Wie veröffentlicht</translation>
    </message>
    <message>
        <source>Norm the stream a second time behind each shortcut, as the authors&apos; program does; for models with norms behind their parts. It changes the model from the start.</source>
        <translation>Den Strom hinter jeder Abkürzung ein zweites Mal normieren, wie das Programm der Autoren; für Modelle mit Normen hinter ihren Teilen. Es verändert das Modell von Anfang an.</translation>
    </message>
    <message>
        <source>Least rank</source>
        <translation>Kleinster Rang</translation>
    </message>
    <message>
        <source>Of a module; with 0 it may get no adapter.</source>
        <translation>Eines Moduls; bei 0 bekommt es vielleicht keinen Adapter.</translation>
    </message>
    <message>
        <source>Largest rank</source>
        <translation>Größter Rang</translation>
    </message>
    <message>
        <source>Of a module.</source>
        <translation>Eines Moduls.</translation>
    </message>
    <message>
        <source>Keep the scale</source>
        <translation>Maßstab behalten</translation>
    </message>
    <message>
        <source>Where a module&apos;s rank is another, alpha follows it, so that alpha / rank stays the same; else alpha stays.</source>
        <translation>Wo der Rang eines Moduls ein anderer ist, folgt Alpha ihm, sodass Alpha / Rang gleich bleibt; sonst bleibt Alpha.</translation>
    </message>
    <message>
        <source>HeteroLoRA</source>
        <translation>HeteroLoRA</translation>
    </message>
    <message>
        <source>LoRA modules and shortcuts, of which those that matter most are on within a budget</source>
        <translation>LoRA-Module und Abkürzungen, von denen im Rahmen eines Budgets die wichtigsten eingeschaltet sind</translation>
    </message>
    <message>
        <source>Less memory</source>
        <translation>Weniger Speicher</translation>
    </message>
    <message>
        <source>Keep only what each layer reads and compute the layer again in the backward pass: the same numbers in a fraction of the memory, about a third slower.</source>
        <translation>Nur behalten, was jede Schicht liest, und die Schicht auf dem Rückweg noch einmal rechnen: dieselben Zahlen mit einem Bruchteil des Speichers, etwa ein Drittel langsamer.</translation>
    </message>
    <message>
        <source>Keep activations</source>
        <translation>Aktivierungen behalten</translation>
    </message>
    <message>
        <source>Where all that is trained sits in upper layers, what the layers below make of each row is computed once and kept for later epochs. On the CPU.</source>
        <translation>Wo alles, was trainiert wird, in oberen Schichten sitzt, wird das Ergebnis der unteren für jede Zeile einmal gerechnet und für spätere Epochen behalten. Auf der CPU.</translation>
    </message>
    <message>
        <source>Activations in memory</source>
        <translation>Aktivierungen im Speicher</translation>
    </message>
    <message>
        <source>Where they take more, they are kept on the disk.</source>
        <translation>Brauchen sie mehr, liegen sie auf der Platte.</translation>
    </message>
    <message>
        <source>Activations on the disk</source>
        <translation>Aktivierungen auf der Platte</translation>
    </message>
    <message>
        <source>What those of all data may take together in the cache folder; the ones used longest ago are removed. 0 keeps none there.</source>
        <translation>Was die aller Daten zusammen im Cache-Ordner belegen dürfen; die am längsten nicht benutzten werden entfernt. 0 behält dort keine.</translation>
    </message>
    <message>
        <source>MB</source>
        <translation>MB</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>Aus</translation>
    </message>
</context>
<context>
    <name>Progress</name>
    <message>
        <source>reading the data</source>
        <translation>liest die Daten</translation>
    </message>
    <message>
        <source>loading the model</source>
        <translation>lädt das Modell</translation>
    </message>
    <message>
        <source>training</source>
        <translation>trainiert</translation>
    </message>
    <message>
        <source>evaluating</source>
        <translation>prüft</translation>
    </message>
    <message>
        <source>saving</source>
        <translation>speichert</translation>
    </message>
    <message>
        <source>measuring</source>
        <translation>gemessen wird</translation>
    </message>
</context>
<context>
    <name>Quality</name>
    <message>
        <source>Rows shared with the evaluation data</source>
        <translation>Zeilen, die auch in den Prüfdaten stehen</translation>
    </message>
    <message>
        <source>Leave these rows out of the training data, or evaluate on other rows: a score on rows that were trained on says nothing.</source>
        <translation>Diese Zeilen aus den Trainingsdaten auslassen oder mit anderen prüfen: Eine Wertung auf Zeilen, mit denen trainiert wurde, sagt nichts.</translation>
    </message>
    <message>
        <source>Empty fields</source>
        <translation>Leere Felder</translation>
    </message>
    <message>
        <source>Leave these rows out, or fill the fields in.</source>
        <translation>Diese Zeilen auslassen oder die Felder ausfüllen.</translation>
    </message>
    <message>
        <source>Text that is not UTF-8</source>
        <translation>Text, der nicht UTF-8 ist</translation>
    </message>
    <message>
        <source>Save the file as UTF-8 and import it again.</source>
        <translation>Die Datei als UTF-8 speichern und neu einlesen.</translation>
    </message>
    <message>
        <source>Wrong order of turns</source>
        <translation>Falsche Reihenfolge der Beiträge</translation>
    </message>
    <message>
        <source>Leave these conversations out, or mend them: a chat begins with the user, and user and assistant take turns.</source>
        <translation>Diese Gespräche auslassen oder berichtigen: Ein Gespräch beginnt mit dem Benutzer, und Benutzer und Assistent wechseln sich ab.</translation>
    </message>
    <message>
        <source>One text with several labels</source>
        <translation>Ein Text mit mehreren Klassen</translation>
    </message>
    <message>
        <source>Decide which label is right; leaving these rows out is the safe choice.</source>
        <translation>Entscheiden, welche Klasse stimmt; sicher ist, diese Zeilen auszulassen.</translation>
    </message>
    <message>
        <source>Repeated rows</source>
        <translation>Wiederholte Zeilen</translation>
    </message>
    <message>
        <source>Keep the first of each; the others only weigh it more.</source>
        <translation>Jeweils die erste behalten; die anderen geben ihr nur mehr Gewicht.</translation>
    </message>
    <message>
        <source>Nearly repeated rows</source>
        <translation>Fast wiederholte Zeilen</translation>
    </message>
    <message>
        <source>Look at the pairs; keep the first of each where the difference teaches nothing.</source>
        <translation>Die Paare ansehen; jeweils die erste behalten, wo der Unterschied nichts lehrt.</translation>
    </message>
    <message>
        <source>Balance of labels</source>
        <translation>Verteilung der Klassen</translation>
    </message>
    <message>
        <source>Judge by macro F1 or Matthews correlation instead of accuracy, or add rows of the rare labels.</source>
        <translation>Nach Makro-F1 oder Matthews-Korrelation urteilen statt nach Treffern, oder Zeilen der seltenen Klassen ergänzen.</translation>
    </message>
    <message>
        <source>Lengths in tokens</source>
        <translation>Längen in Token</translation>
    </message>
    <message>
        <source>Raise the longest sequence, or leave out the rows that do not fit.</source>
        <translation>Die längste Folge anheben oder die Zeilen auslassen, die nicht passen.</translation>
    </message>
    <message>
        <source>Answers that stand in the prompt</source>
        <translation>Antworten, die in der Eingabe stehen</translation>
    </message>
    <message>
        <source>Right for tasks that quote; otherwise the model learns to copy.</source>
        <translation>Richtig für Aufgaben, die zitieren; sonst lernt das Modell abzuschreiben.</translation>
    </message>
</context>
<context>
    <name>RecipeNotes</name>
    <message>
        <source>With shortcuts the adapter can be used in Lathe alone: it can be exported neither for PEFT nor as GGUF, and not be merged, because no other program has a place for them.</source>
        <translation>Mit Abkürzungen ist der Adapter nur in Lathe zu gebrauchen: Er lässt sich weder für PEFT noch als GGUF exportieren und nicht einschmelzen, weil kein anderes Programm einen Platz für sie hat.</translation>
    </message>
    <message>
        <source>Exported for PEFT is the middle of the simplex, as an ordinary prefix. A prefix can neither be merged nor written as GGUF.</source>
        <translation>Für PEFT exportiert wird die Mitte des Simplex, als gewöhnliches Präfix. Ein Präfix lässt sich weder einschmelzen noch als GGUF schreiben.</translation>
    </message>
    <message>
        <source>Exported (for PEFT, merged, as GGUF) is the middle of the simplex: plain LoRA of rank %1, all vertices together.</source>
        <translation>Exportiert (für PEFT, eingeschmolzen, als GGUF) wird die Mitte des Simplex: einfaches LoRA vom Rang %1, alle Ecken zusammen.</translation>
    </message>
    <message>
        <source>Exported is the middle of the simplex: bottlenecks of size %1, all vertices together, in the format of LLM-Adapters. They can neither be merged nor written as GGUF.</source>
        <translation>Exportiert wird die Mitte des Simplex: Engstellen der Größe %1, alle Ecken zusammen, im Format von LLM-Adapters. Sie lassen sich weder einschmelzen noch als GGUF schreiben.</translation>
    </message>
</context>
<context>
    <name>TokenParts</name>
    <message>
        <source>Template</source>
        <translation>Vorlage</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Instruction</source>
        <translation>Anweisung</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Special token</source>
        <translation>Sonderzeichen</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Second text</source>
        <translation>Zweiter Text</translation>
    </message>
</context>
<context>
    <name>TrainingStory</name>
    <message>
        <source>The loss is not a number any more: try a smaller learning rate.</source>
        <translation>Der Verlust ist keine Zahl mehr: versuchen Sie eine kleinere Lernrate.</translation>
    </message>
    <message>
        <source>The first steps are done.</source>
        <translation>Die ersten Schritte sind getan.</translation>
    </message>
    <message>
        <source>The loss is falling.</source>
        <translation>Der Verlust fällt.</translation>
    </message>
    <message>
        <source>The loss is rising: try a smaller learning rate.</source>
        <translation>Der Verlust steigt: versuchen Sie eine kleinere Lernrate.</translation>
    </message>
    <message>
        <source>The loss hardly moves so far.</source>
        <translation>Der Verlust bewegt sich bisher kaum.</translation>
    </message>
    <message>
        <source>Evaluation follows.</source>
        <translation>Die Prüfung folgt.</translation>
    </message>
    <message>
        <source>On unseen data it was best at step %1 and has become worse since: overfitting.</source>
        <translation>Auf ungesehenen Daten war es bei Schritt %1 am besten und ist seither schlechter: Überanpassung.</translation>
    </message>
    <message>
        <source>No overfitting so far.</source>
        <translation>Bisher keine Überanpassung.</translation>
    </message>
    <message>
        <source>Done.</source>
        <translation>Fertig.</translation>
    </message>
    <message>
        <source>Done: accuracy on unseen data went from %1 to %2.</source>
        <translation>Fertig: die Genauigkeit auf ungesehenen Daten ging von %1 auf %2.</translation>
    </message>
    <message>
        <source>%1 %</source>
        <comment>per cent</comment>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Waiting for its turn.</source>
        <translation>Wartet, bis er an der Reihe ist.</translation>
    </message>
    <message>
        <source>Getting ready: reading the model and the data.</source>
        <translation>Macht sich bereit: liest das Modell und die Daten.</translation>
    </message>
    <message>
        <source>It failed: %1</source>
        <translation>Fehlgeschlagen: %1</translation>
    </message>
    <message>
        <source>The program ended while it ran. It can go on from its last checkpoint.</source>
        <translation>Das Programm endete, während er lief. Er kann vom letzten Sicherungspunkt aus weitergehen.</translation>
    </message>
    <message>
        <source>Stopped. What was trained is kept, and it can go on.</source>
        <translation>Angehalten. Das Gelernte bleibt erhalten, und er kann weitergehen.</translation>
    </message>
    <message>
        <source>Measuring the base model before the first step.</source>
        <translation>Misst das Grundmodell vor dem ersten Schritt.</translation>
    </message>
</context>
<context>
    <name>lathe::ActionBinder</name>
    <message>
        <source>Nothing here can do this at the moment.</source>
        <translation>Im Moment kann das hier nichts ausführen.</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>what a button does (shortcut)</comment>
        <translation>%1 (%2)</translation>
    </message>
</context>
<context>
    <name>lathe::Banner</name>
    <message>
        <source>Close this message</source>
        <translation>Diese Meldung schließen</translation>
    </message>
</context>
<context>
    <name>lathe::ChartCanvas</name>
    <message>
        <source>smoothed</source>
        <translation>geglättet</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weitere</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lathe::ChartHeader</name>
    <message>
        <source>log</source>
        <comment>logarithmic, on a small button</comment>
        <translation>log</translation>
    </message>
    <message>
        <source>Logarithmic scale</source>
        <translation>Logarithmische Achse</translation>
    </message>
    <message>
        <source>Show everything (Home)</source>
        <translation>Alles zeigen (Pos1)</translation>
    </message>
    <message>
        <source>Show the values as a table</source>
        <translation>Die Werte als Tabelle zeigen</translation>
    </message>
    <message>
        <source>Save or copy the chart</source>
        <translation>Das Diagramm speichern oder kopieren</translation>
    </message>
    <message>
        <source>&amp;Copy picture</source>
        <translation>Bild &amp;kopieren</translation>
    </message>
    <message>
        <source>Save as &amp;PNG…</source>
        <translation>Als &amp;PNG speichern…</translation>
    </message>
    <message>
        <source>Save as &amp;SVG…</source>
        <translation>Als &amp;SVG speichern…</translation>
    </message>
    <message>
        <source>Save as P&amp;DF…</source>
        <translation>Als P&amp;DF speichern…</translation>
    </message>
    <message>
        <source>Save the &amp;values as CSV…</source>
        <translation>Die &amp;Werte als CSV speichern…</translation>
    </message>
    <message>
        <source>Save the chart</source>
        <translation>Diagramm speichern</translation>
    </message>
    <message>
        <source>%1 file (*.%2)</source>
        <comment>PNG file (*.png)</comment>
        <translation>%1-Datei (*.%2)</translation>
    </message>
    <message>
        <source>chart</source>
        <translation>diagramm</translation>
    </message>
</context>
<context>
    <name>lathe::ChartLegend</name>
    <message>
        <source>Click to hide or show, Ctrl+click to show only this one</source>
        <translation>Klick blendet aus oder ein, Strg+Klick zeigt nur diese Reihe</translation>
    </message>
    <message>
        <source>Show %1</source>
        <comment>a series of a chart</comment>
        <translation>%1 zeigen</translation>
    </message>
</context>
<context>
    <name>lathe::ChartTableModel</name>
    <message>
        <source>%1, low</source>
        <comment>lower edge of a band</comment>
        <translation>%1, unten</translation>
    </message>
    <message>
        <source>%1, high</source>
        <comment>upper edge of a band</comment>
        <translation>%1, oben</translation>
    </message>
</context>
<context>
    <name>lathe::ChartView</name>
    <message>
        <source>No data yet</source>
        <translation>Noch keine Daten</translation>
    </message>
    <message>
        <source>Values of %1</source>
        <comment>a chart</comment>
        <translation>Werte von %1</translation>
    </message>
</context>
<context>
    <name>lathe::ChatAdapterRow</name>
    <message>
        <source>Nearer to the base</source>
        <translation>Näher an die Basis</translation>
    </message>
    <message>
        <source>Further from the base</source>
        <translation>Weiter weg von der Basis</translation>
    </message>
    <message>
        <source>Take this adapter away</source>
        <translation>Diesen Adapter wegnehmen</translation>
    </message>
    <message>
        <source>On: it counts for the next answer</source>
        <translation>An: Er zählt für die nächste Antwort</translation>
    </message>
    <message>
        <source>%1 is on</source>
        <translation>%1 ist an</translation>
    </message>
    <message>
        <source>Strength: 1 as trained, 0 as if it were not there</source>
        <translation>Stärke: 1 wie trainiert, 0 als wäre er nicht da</translation>
    </message>
    <message>
        <source>Strength: 1 as trained, 0 as if it were not there; below 0 takes away</source>
        <translation>Stärke: 1 wie trainiert, 0 als wäre er nicht da; unter 0 nimmt weg</translation>
    </message>
    <message>
        <source>Strength of %1</source>
        <translation>Stärke von %1</translation>
    </message>
</context>
<context>
    <name>lathe::ChatAdapters</name>
    <message>
        <source>Folded in, the logits differ by at most %1. Taken out again, the base answers bit for bit as before.</source>
        <translation>Verschmolzen weichen die Logits um höchstens %1 ab. Wieder herausgenommen antwortet die Basis Bit für Bit wie zuvor.</translation>
    </message>
    <message>
        <source>Folded in, the logits differ by at most %1, and taken out again the base does not answer as before: please report this.</source>
        <translation>Verschmolzen weichen die Logits um höchstens %1 ab, und wieder herausgenommen antwortet die Basis nicht wie zuvor: Bitte melden Sie das.</translation>
    </message>
    <message>
        <source>Column %1</source>
        <translation>Spalte %1</translation>
    </message>
    <message>
        <source>&amp;Choose a folder…</source>
        <translation>&amp;Ordner wählen…</translation>
    </message>
    <message>
        <source>Add the adapter in this folder</source>
        <translation>Den Adapter in diesem Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Measuring…</source>
        <translation>Wird gemessen…</translation>
    </message>
    <message>
        <source>Adapters</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>Column of the chat</source>
        <translation>Spalte des Gesprächs</translation>
    </message>
    <message>
        <source>Add a column with the same adapters, to change and compare</source>
        <translation>Eine Spalte mit denselben Adaptern hinzufügen, zum Ändern und Vergleichen</translation>
    </message>
    <message>
        <source>Take this column away</source>
        <translation>Diese Spalte wegnehmen</translation>
    </message>
    <message>
        <source>None is on: the base model answers.</source>
        <translation>Keiner ist an: Das Basismodell antwortet.</translation>
    </message>
    <message>
        <source>Add…</source>
        <translation>Hinzufügen…</translation>
    </message>
    <message>
        <source>Put another adapter on, over those that are on</source>
        <translation>Einen weiteren Adapter auflegen, über die vorhandenen</translation>
    </message>
    <message>
        <source>Combine…</source>
        <translation>Vereinen…</translation>
    </message>
    <message>
        <source>Make one adapter out of several</source>
        <translation>Aus mehreren Adaptern einen machen</translation>
    </message>
    <message>
        <source>Merged into the base</source>
        <translation>In die Basis verschmolzen</translation>
    </message>
    <message>
        <source>Folds the adapters into the base&apos;s weights and measures what that changes</source>
        <translation>Rechnet die Adapter in die Gewichte der Basis ein und misst, was das ändert</translation>
    </message>
</context>
<context>
    <name>lathe::ChatExamples</name>
    <message>
        <source>What is a lathe? Answer in two sentences.</source>
        <translation>Was ist eine Drehbank? Antworte in zwei Sätzen.</translation>
    </message>
    <message>
        <source>Write a short poem about the sea.</source>
        <translation>Schreibe ein kurzes Gedicht über das Meer.</translation>
    </message>
    <message>
        <source>Name three uses of an old newspaper.</source>
        <translation>Nenne drei Verwendungen für eine alte Zeitung.</translation>
    </message>
    <message>
        <source>Ask something</source>
        <translation>Fragen Sie etwas</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>Noch kein Modell</translation>
    </message>
    <message>
        <source>Write below and press Enter. Choose an adapter above to hear what it has learnt, and compare it with the base model. Or begin with one of these:</source>
        <translation>Schreiben Sie unten und drücken Sie die Eingabetaste. Wählen Sie oben einen Adapter, um zu hören, was er gelernt hat, und vergleichen Sie ihn mit dem Grundmodell. Oder beginnen Sie hiermit:</translation>
    </message>
    <message>
        <source>Choose a model above: a folder with its config.json and weights.</source>
        <translation>Wählen Sie oben ein Modell: einen Ordner mit config.json und Gewichten.</translation>
    </message>
    <message>
        <source>Ask: %1</source>
        <translation>Fragen: %1</translation>
    </message>
</context>
<context>
    <name>lathe::ChatMessageView</name>
    <message>
        <source>Copy this message</source>
        <translation>Diese Nachricht kopieren</translation>
    </message>
</context>
<context>
    <name>lathe::ChatMessages</name>
    <message>
        <source>ended by itself</source>
        <translation>von selbst zu Ende</translation>
    </message>
    <message>
        <source>ended before a stop text</source>
        <translation>vor einem Endtext beendet</translation>
    </message>
    <message>
        <source>reached the longest length</source>
        <translation>längste Länge erreicht</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>waiting…</source>
        <translation>wartet…</translation>
    </message>
    <message>
        <source>loading the model…</source>
        <translation>das Modell wird geladen…</translation>
    </message>
    <message>
        <source>writing…</source>
        <translation>schreibt…</translation>
    </message>
    <message>
        <source>(nothing)</source>
        <comment>the model&apos;s answer is empty</comment>
        <translation>(nichts)</translation>
    </message>
    <message numerus="yes">
        <source>%Ln tokens</source>
        <translation>
            <numerusform>%Ln Token</numerusform>
            <numerusform>%Ln Token</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 per second</source>
        <translation>%1 je Sekunde</translation>
    </message>
    <message>
        <source>You</source>
        <translation>Sie</translation>
    </message>
    <message>
        <source>was not asked</source>
        <translation>wurde nicht gefragt</translation>
    </message>
    <message>
        <source>You: %1</source>
        <translation>Sie: %1</translation>
    </message>
    <message>
        <source>Edit the question</source>
        <translation>Frage ändern</translation>
    </message>
    <message>
        <source>Change the last question and ask again (Up, in the empty field)</source>
        <translation>Die letzte Frage ändern und neu stellen (Pfeil hoch im leeren Feld)</translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation>Neu antworten</translation>
    </message>
    <message>
        <source>Ask the last question again; where tokens are drawn, with a new seed</source>
        <translation>Die letzte Frage noch einmal stellen; wo Token gezogen werden, mit neuem Startwert</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>Gespräch</translation>
    </message>
</context>
<context>
    <name>lathe::ChatPage</name>
    <message>
        <source>This run has no adapter yet.</source>
        <translation>Dieser Lauf hat noch keinen Adapter.</translation>
    </message>
    <message>
        <source>There is nobody to answer: choose a model first.</source>
        <translation>Niemand kann antworten: Wählen Sie zuerst ein Modell.</translation>
    </message>
    <message>
        <source>Save the conversation</source>
        <translation>Gespräch speichern</translation>
    </message>
    <message>
        <source>Open a conversation</source>
        <translation>Gespräch öffnen</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Bring back the conversation that was taken away</source>
        <translation>Das weggenommene Gespräch zurückholen</translation>
    </message>
    <message>
        <source>Begin a new conversation; it can be undone</source>
        <translation>Ein neues Gespräch beginnen; es lässt sich rückgängig machen</translation>
    </message>
    <message>
        <source>Enter asks the changed question in place of the last one. Esc leaves it.</source>
        <translation>Eingabe stellt die geänderte Frage anstelle der letzten. Esc lässt diese stehen.</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter begins a new line, Esc stops the answer.</source>
        <translation>Eingabe sendet, Umschalt+Eingabe beginnt eine neue Zeile, Esc hält die Antwort an.</translation>
    </message>
    <message>
        <source>This model has no chat template: it continues each text as it stands, without those before it.</source>
        <translation>Dieses Modell hat keine Chat-Vorlage: Es setzt jeden Text fort, wie er dasteht, ohne die davor.</translation>
    </message>
    <message>
        <source>The model continues each text as it stands, without those before it.</source>
        <translation>Das Modell setzt jeden Text fort, wie er dasteht, ohne die davor.</translation>
    </message>
    <message>
        <source>Prompt “%1”: the first line is the instruction, the lines below it are its input. Each question stands alone.</source>
        <translation>Prompt „%1“: Die erste Zeile ist die Anweisung, die Zeilen darunter sind ihre Eingabe. Jede Frage steht für sich.</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Open…</source>
        <comment>a conversation</comment>
        <translation>Öffnen…</translation>
    </message>
    <message>
        <source>Read a conversation from a JSON file</source>
        <translation>Ein Gespräch aus einer JSON-Datei lesen</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Speichern…</translation>
    </message>
    <message>
        <source>Write the conversation as JSON: a list of messages with role and content</source>
        <translation>Das Gespräch als JSON schreiben: eine Liste von Nachrichten mit role und content</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy the whole conversation as text</source>
        <translation>Das ganze Gespräch als Text kopieren</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Show how the answers are made, or hide it</source>
        <translation>Zeigen, wie die Antworten entstehen, oder es verbergen</translation>
    </message>
    <message>
        <source>Your question or text</source>
        <translation>Ihre Frage oder Ihr Text</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Ask it (Enter)</source>
        <translation>Fragen (Eingabe)</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>End the answer here and keep what is there (Esc)</source>
        <translation>Die Antwort hier beenden und behalten, was da ist (Esc)</translation>
    </message>
</context>
<context>
    <name>lathe::ChatSettings</name>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Drawing of tokens</source>
        <translation>Ziehen der Token</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Prompt</translation>
    </message>
    <message>
        <source>New seed</source>
        <translation>Neuer Startwert</translation>
    </message>
    <message>
        <source>Rolls the dice: another seed gives another answer where tokens are drawn</source>
        <translation>Würfelt: Ein anderer Startwert gibt eine andere Antwort, wo Token gezogen werden</translation>
    </message>
    <message>
        <source>Usual settings</source>
        <translation>Übliche Einstellungen</translation>
    </message>
    <message>
        <source>What the model&apos;s own files say, once it is loaded; else the usual ones</source>
        <translation>Was in den Dateien des Modells steht, sobald es geladen ist; sonst die üblichen</translation>
    </message>
    <message>
        <source>Show the prompt…</source>
        <translation>Prompt zeigen…</translation>
    </message>
    <message>
        <source>The question as the model reads it</source>
        <translation>Die Frage, wie das Modell sie liest</translation>
    </message>
</context>
<context>
    <name>lathe::ChatVoices</name>
    <message>
        <source>%1 (run %2)</source>
        <comment>name and number of a run</comment>
        <translation>%1 (Lauf %2)</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>Ordner wählen…</translation>
    </message>
    <message>
        <source>None</source>
        <comment>adapter</comment>
        <translation>Keiner</translation>
    </message>
    <message>
        <source>Chat with the model in this folder</source>
        <translation>Mit dem Modell in diesem Ordner chatten</translation>
    </message>
    <message>
        <source>Chat with the adapter in this folder</source>
        <translation>Mit dem Adapter in diesem Ordner chatten</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>Compare with base</source>
        <translation>Mit Basis vergleichen</translation>
    </message>
    <message>
        <source>Both answer the same question with the same seed, side by side</source>
        <translation>Beide beantworten dieselbe Frage mit demselben Startwert, nebeneinander</translation>
    </message>
    <message>
        <source>%1 × %2</source>
        <comment>adapter and its strength</comment>
        <translation>%1 × %2</translation>
    </message>
    <message>
        <source>All off</source>
        <translation>Alle aus</translation>
    </message>
</context>
<context>
    <name>lathe::CombineDialog</name>
    <message>
        <source>Combining…</source>
        <translation>Wird vereint…</translation>
    </message>
    <message>
        <source>Comparing the answers…</source>
        <translation>Antworten werden verglichen…</translation>
    </message>
    <message>
        <source>Rank %1, %2 parameters.</source>
        <translation>Rang %1, %2 Parameter.</translation>
    </message>
    <message>
        <source>By the mathematics it does what all do at once.</source>
        <translation>Mathematisch tut er, was alle zugleich tun.</translation>
    </message>
    <message>
        <source>It approximates what all do at once.</source>
        <translation>Er kommt dem nahe, was alle zugleich tun.</translation>
    </message>
    <message>
        <source>Combine adapters</source>
        <translation>Adapter vereinen</translation>
    </message>
    <message>
        <source>Makes one adapter out of several of the same base model, as a folder that PEFT can load too, and compares it with all of them at once.</source>
        <translation>Macht aus mehreren Adaptern desselben Basismodells einen, als Ordner, den auch PEFT lädt, und vergleicht ihn mit allen zugleich.</translation>
    </message>
    <message>
        <source>How</source>
        <translation>Wie</translation>
    </message>
    <message>
        <source>Adapters and their weights</source>
        <translation>Adapter und ihre Gewichte</translation>
    </message>
    <message>
        <source>&amp;Add a folder…</source>
        <translation>Ordner &amp;hinzufügen…</translation>
    </message>
    <message>
        <source>&amp;Folder to write:</source>
        <translation>&amp;Zielordner:</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>&amp;Durchsuchen…</translation>
    </message>
    <message>
        <source>&amp;Combine</source>
        <translation>&amp;Vereinen</translation>
    </message>
    <message>
        <source>C&amp;hat with it</source>
        <translation>Damit &amp;chatten</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Stopped; nothing was written.</source>
        <translation>Angehalten; nichts wurde geschrieben.</translation>
    </message>
    <message>
        <source>Weight of %1</source>
        <translation>Gewicht von %1</translation>
    </message>
    <message>
        <source>How much it counts: 1 as trained; below 0 takes away</source>
        <translation>Wie viel er zählt: 1 wie trainiert; unter 0 nimmt weg</translation>
    </message>
    <message>
        <source>Combine the adapter in this folder</source>
        <translation>Den Adapter in diesem Ordner vereinen</translation>
    </message>
    <message>
        <source>Choose at least two adapters.</source>
        <translation>Wählen Sie mindestens zwei Adapter.</translation>
    </message>
    <message>
        <source>“%1” is no weight; give a number.</source>
        <translation>„%1“ ist kein Gewicht; geben Sie eine Zahl an.</translation>
    </message>
    <message>
        <source>A field above is not right yet.</source>
        <translation>Ein Feld oben stimmt noch nicht.</translation>
    </message>
    <message>
        <source>Name a folder to write to.</source>
        <translation>Nennen Sie einen Zielordner.</translation>
    </message>
    <message>
        <source>The folder to write to is there already and not empty; name another one.</source>
        <translation>Den Zielordner gibt es schon, und er ist nicht leer; nennen Sie einen anderen.</translation>
    </message>
    <message>
        <source>Looking at the adapters…</source>
        <translation>Die Adapter werden angesehen…</translation>
    </message>
    <message>
        <source>Written to %1.</source>
        <translation>Nach %1 geschrieben.</translation>
    </message>
    <message>
        <source>Read back, its logits differ from those of all adapters at once by at most %1; %2 % of the weights&apos; sum is lacking.</source>
        <translation>Zurückgelesen weichen seine Logits von denen aller Adapter zugleich um höchstens %1 ab; von der Summe der Gewichte fehlen %2 %.</translation>
    </message>
    <message>
        <source>Not compared with all at once: %1</source>
        <translation>Nicht mit allen zugleich verglichen: %1</translation>
    </message>
</context>
<context>
    <name>lathe::CommandPalette</name>
    <message>
        <source>Command palette</source>
        <translation>Befehlspalette</translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation>Was möchten Sie tun?</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetChoices</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Model whose tokens are shown</source>
        <translation>Modell, dessen Tokens gezeigt werden</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>Noch kein Modell</translation>
    </message>
    <message>
        <source>How the file is read</source>
        <translation>Wie die Datei gelesen wird</translation>
    </message>
    <message>
        <source>What the model gets</source>
        <translation>Was das Modell bekommt</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetColumnChip</name>
    <message>
        <source>Not used</source>
        <translation>Nicht benutzt</translation>
    </message>
    <message>
        <source>(guessed)</source>
        <translation>(erraten)</translation>
    </message>
    <message>
        <source>Role of column %1</source>
        <translation>Rolle der Spalte %1</translation>
    </message>
    <message>
        <source>No example.</source>
        <translation>Kein Beispiel.</translation>
    </message>
    <message>
        <source>Example: %1</source>
        <translation>Beispiel: %1</translation>
    </message>
    <message>
        <source>Guessed. %1</source>
        <translation>Erraten. %1</translation>
    </message>
    <message>
        <source>What this column is for</source>
        <translation>Wofür diese Spalte da ist</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetColumnList</name>
    <message numerus="yes">
        <source>and %n more</source>
        <comment>columns</comment>
        <translation>
            <numerusform>und %n weitere</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>Spalten</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetLengths</name>
    <message>
        <source>At %1 tokens %2 % truncated, %3 % dropped.</source>
        <translation>Bei %1 Tokens werden %2 % gekürzt und %3 % weggelassen.</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetLengthsTab</name>
    <message>
        <source>The lengths are not known yet.</source>
        <translation>Die Längen sind noch nicht bekannt.</translation>
    </message>
    <message>
        <source>Half of the rows have up to %1 tokens, 95 % up to %2; the longest has %3. Drag the line, or move it with the arrow keys.</source>
        <translation>Die Hälfte der Zeilen hat bis zu %1 Tokens, 95 % bis zu %2; die längste hat %3. Ziehen Sie die Linie, oder bewegen Sie sie mit den Pfeiltasten.</translation>
    </message>
    <message>
        <source>As a table</source>
        <translation>Als Tabelle</translation>
    </message>
    <message>
        <source>Counting tokens</source>
        <translation>Tokens werden gezählt</translation>
    </message>
    <message>
        <source>Lengths of the rows, with the longest sequence</source>
        <translation>Längen der Zeilen mit der längsten Sequenz</translation>
    </message>
    <message>
        <source>Lengths of the rows</source>
        <translation>Längen der Zeilen</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetPage</name>
    <message>
        <source>Open a data file</source>
        <translation>Datendatei öffnen</translation>
    </message>
    <message>
        <source>Data files (%1)</source>
        <translation>Datendateien (%1)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>No file was opened yet</source>
        <translation>Noch keine Datei wurde geöffnet</translation>
    </message>
    <message>
        <source>%1 rows</source>
        <translation>%1 Zeilen</translation>
    </message>
    <message>
        <source>%1 left out</source>
        <translation>%1 weggelassen</translation>
    </message>
    <message>
        <source>Reading %1…</source>
        <translation>%1 wird gelesen…</translation>
    </message>
    <message>
        <source>Reading %1: %2 of %3</source>
        <translation>%1 wird gelesen: %2 von %3</translation>
    </message>
    <message>
        <source>Dataset studio</source>
        <translation>Datenstudio</translation>
    </message>
    <message>
        <source>&amp;Open…</source>
        <comment>data file</comment>
        <translation>&amp;Öffnen…</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt</translation>
    </message>
    <message>
        <source>Files opened before</source>
        <translation>Früher geöffnete Dateien</translation>
    </message>
    <message>
        <source>Train o&amp;n this</source>
        <translation>Hiermit &amp;trainieren</translation>
    </message>
    <message>
        <source>Put the file and everything chosen here into the recipe</source>
        <translation>Die Datei und alles hier Gewählte in das Rezept übernehmen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>How much of the file is read</source>
        <translation>Wie viel von der Datei gelesen ist</translation>
    </message>
    <message>
        <source>Drop a data file here</source>
        <translation>Legen Sie hier eine Datendatei ab</translation>
    </message>
    <message>
        <source>JSON Lines, JSON, CSV, TSV, text or Parquet. It is read where it lies: nothing is copied or changed.</source>
        <translation>JSON Lines, JSON, CSV, TSV, Text oder Parquet. Sie wird gelesen, wo sie liegt: nichts wird kopiert oder geändert.</translation>
    </message>
    <message>
        <source>Open a &amp;data file…</source>
        <translation>Date&amp;ndatei öffnen…</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>As the model sees it</source>
        <translation>Wie das Modell sie sieht</translation>
    </message>
    <message>
        <source>Lengths</source>
        <translation>Längen</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>Splits</source>
        <translation>Aufteilung</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>Versionen</translation>
    </message>
    <message>
        <source>What the file holds</source>
        <translation>Was die Datei enthält</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetProgress</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>%1: %2 of %3</source>
        <comment>what, done, of all</comment>
        <translation>%1: %2 von %3</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetQualityTab</name>
    <message>
        <source>Nothing was found.</source>
        <translation>Nichts gefunden.</translation>
    </message>
    <message>
        <source>Findings: %1</source>
        <translation>Befunde: %1</translation>
    </message>
    <message>
        <source>Looking at every row…</source>
        <translation>Jede Zeile wird angesehen…</translation>
    </message>
    <message>
        <source>Not looked at yet.</source>
        <translation>Noch nicht angesehen.</translation>
    </message>
    <message>
        <source>&amp;Use these rows again</source>
        <translation>Diese Zeilen wieder &amp;nutzen</translation>
    </message>
    <message>
        <source>&amp;Leave these rows out</source>
        <translation>Diese Zeilen &amp;weglassen</translation>
    </message>
    <message>
        <source>Row %1</source>
        <translation>Zeile %1</translation>
    </message>
    <message>
        <source>Write these rows</source>
        <translation>Diese Zeilen schreiben</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Erneut ansehen</translation>
    </message>
    <message>
        <source>E&amp;xport these rows…</source>
        <translation>Diese Zeilen e&amp;xportieren…</translation>
    </message>
    <message>
        <source>Looking at the rows</source>
        <translation>Die Zeilen werden angesehen</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>Befunde</translation>
    </message>
    <message>
        <source>Examples of the finding</source>
        <translation>Beispiele des Befunds</translation>
    </message>
    <message>
        <source>Enter shows the row</source>
        <translation>Die Eingabetaste zeigt die Zeile</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetRowsModel</name>
    <message>
        <source>Line</source>
        <translation>Zeile</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetRowsTab</name>
    <message>
        <source>Choose a cell to read all of it.</source>
        <translation>Wählen Sie eine Zelle, um sie ganz zu lesen.</translation>
    </message>
    <message>
        <source>%1: the first %2 of %3 letters</source>
        <translation>%1: die ersten %2 von %3 Zeichen</translation>
    </message>
    <message numerus="yes">
        <source>%1, %Ln letters</source>
        <comment>column, length</comment>
        <translation>
            <numerusform>%1, %Ln Zeichen</numerusform>
            <numerusform>%1, %Ln Zeichen</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of %2 rows</source>
        <translation>%1 von %2 Zeilen</translation>
    </message>
    <message>
        <source>%1 rows</source>
        <translation>%1 Zeilen</translation>
    </message>
    <message>
        <source>Search the rows (Ctrl+F)</source>
        <translation>Zeilen durchsuchen (Strg+F)</translation>
    </message>
    <message>
        <source>Search the rows</source>
        <translation>Zeilen durchsuchen</translation>
    </message>
    <message>
        <source>Any column</source>
        <translation>Jede Spalte</translation>
    </message>
    <message>
        <source>Column that is searched</source>
        <translation>Durchsuchte Spalte</translation>
    </message>
    <message>
        <source>Rows of the file</source>
        <translation>Zeilen der Datei</translation>
    </message>
    <message>
        <source>Rows searched</source>
        <translation>Durchsuchte Zeilen</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetSplitsTab</name>
    <message>
        <source>Not divided yet.</source>
        <translation>Noch nicht aufgeteilt.</translation>
    </message>
    <message>
        <source>%1 rows train, %2 evaluate, %3 test.</source>
        <translation>%1 Zeilen trainieren, %2 bewerten, %3 prüfen.</translation>
    </message>
    <message>
        <source>%1 rows train, %2 evaluate.</source>
        <translation>%1 Zeilen trainieren, %2 bewerten.</translation>
    </message>
    <message>
        <source>How the rows are divided</source>
        <translation>Wie die Zeilen aufgeteilt werden</translation>
    </message>
    <message>
        <source>Rows of each part by label</source>
        <translation>Zeilen jedes Teils nach Klasse</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetTokensTab</name>
    <message>
        <source>This row is left out: %1</source>
        <translation>Diese Zeile wird weggelassen: %1</translation>
    </message>
    <message numerus="yes">
        <source>%Ln tokens</source>
        <translation>
            <numerusform>%Ln Token</numerusform>
            <numerusform>%Ln Tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln trained on</source>
        <comment>tokens</comment>
        <translation>
            <numerusform>%Ln wird trainiert</numerusform>
            <numerusform>%Ln werden trainiert</numerusform>
        </translation>
    </message>
    <message>
        <source>label: %1</source>
        <translation>Klasse: %1</translation>
    </message>
    <message>
        <source>Row</source>
        <translation>Zeile</translation>
    </message>
    <message>
        <source>Row that is shown</source>
        <translation>Gezeigte Zeile</translation>
    </message>
    <message>
        <source>Previous row</source>
        <translation>Vorige Zeile</translation>
    </message>
    <message>
        <source>Previous row (Alt+Left)</source>
        <translation>Vorige Zeile (Alt+Links)</translation>
    </message>
    <message>
        <source>Next row</source>
        <translation>Nächste Zeile</translation>
    </message>
    <message>
        <source>Next row (Alt+Right)</source>
        <translation>Nächste Zeile (Alt+Rechts)</translation>
    </message>
    <message>
        <source>As a table</source>
        <translation>Als Tabelle</translation>
    </message>
    <message>
        <source>One token a line, with its part and whether it is trained on</source>
        <translation>Ein Token je Zeile, mit seinem Teil und ob es trainiert wird</translation>
    </message>
    <message>
        <source>Tokens of the row</source>
        <translation>Tokens der Zeile</translation>
    </message>
</context>
<context>
    <name>lathe::DatasetVersionsTab</name>
    <message>
        <source>%1 in the file: %2 could be read, %3 could not</source>
        <translation>%1 in der Datei: %2 lesbar, %3 nicht</translation>
    </message>
    <message>
        <source>Rows left out</source>
        <translation>Weggelassene Zeilen</translation>
    </message>
    <message>
        <source>No row was left out</source>
        <translation>Keine Zeile wurde weggelassen</translation>
    </message>
    <message>
        <source>Write the list of rows left out</source>
        <translation>Liste der weggelassenen Zeilen schreiben</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>SHA-256 of the file</source>
        <translation>SHA-256 der Datei</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>SHA-256 of the split</source>
        <translation>SHA-256 der Aufteilung</translation>
    </message>
    <message>
        <source>What a run records</source>
        <translation>Was ein Lauf festhält</translation>
    </message>
    <message>
        <source>Export the list…</source>
        <translation>Liste exportieren…</translation>
    </message>
</context>
<context>
    <name>lathe::DomainEditor</name>
    <message>
        <source>Type a whole number.</source>
        <translation>Geben Sie eine ganze Zahl ein.</translation>
    </message>
    <message>
        <source>Type a number.</source>
        <translation>Geben Sie eine Zahl ein.</translation>
    </message>
    <message>
        <source>“%1” is not a whole number such as 8.</source>
        <translation>„%1“ ist keine ganze Zahl wie 8.</translation>
    </message>
    <message>
        <source>“%1” is not a number such as 0.0003 or 3e-4.</source>
        <translation>„%1“ ist keine Zahl wie 0,0003 oder 3e-4.</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>Ordner wählen…</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>Datei wählen…</translation>
    </message>
    <message>
        <source>Type, choose or drop a folder</source>
        <translation>Ordner eintippen, wählen oder hierher ziehen</translation>
    </message>
    <message>
        <source>Type, choose or drop a file</source>
        <translation>Datei eintippen, wählen oder hierher ziehen</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>Ordner wählen</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>Datei wählen</translation>
    </message>
</context>
<context>
    <name>lathe::DownloadDialog</name>
    <message>
        <source>&amp;Look up</source>
        <translation>&amp;Nachsehen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Download a model</source>
        <translation>Modell herunterladen</translation>
    </message>
    <message>
        <source>From the Hugging Face hub into its cache on this disk, which other programs share. Only the files that Lathe reads are fetched.</source>
        <translation>Vom Hugging-Face-Hub in dessen Zwischenspeicher auf dieser Platte, den sich auch andere Programme teilen. Geholt werden nur die Dateien, die Lathe liest.</translation>
    </message>
    <message>
        <source>ORGANISATION/NAME or ORGANISATION/NAME@REVISION</source>
        <translation>ORGANISATION/NAME oder ORGANISATION/NAME@REVISION</translation>
    </message>
    <message>
        <source>Name of the model</source>
        <translation>Name des Modells</translation>
    </message>
    <message>
        <source>Asking the Hub…</source>
        <translation>Der Hub wird gefragt…</translation>
    </message>
    <message>
        <source>Paused. What was fetched stays; it goes on from there, also after a restart.</source>
        <translation>Angehalten. Was geholt wurde, bleibt; von dort geht es weiter, auch nach einem Neustart.</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>&amp;Download</source>
        <translation>&amp;Herunterladen</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <comment>with a download</comment>
        <translation>&amp;Weiter</translation>
    </message>
    <message numerus="yes">
        <source>%1 in %n files.</source>
        <translation>
            <numerusform>%1 in %n Datei.</numerusform>
            <numerusform>%1 in %n Dateien.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 of it are still to be fetched.</source>
        <translation>Davon sind noch %1 zu holen.</translation>
    </message>
    <message>
        <source>%1 are free in %2.</source>
        <translation>In %2 sind %1 frei.</translation>
    </message>
    <message>
        <source>That is too little: make room, or set HF_HUB_CACHE to another disk.</source>
        <translation>Das ist zu wenig: Schaffen Sie Platz, oder setzen Sie HF_HUB_CACHE auf eine andere Platte.</translation>
    </message>
    <message>
        <source>%1 of %2: %3</source>
        <comment>bytes of bytes: file</comment>
        <translation>%1 von %2: %3</translation>
    </message>
</context>
<context>
    <name>lathe::DroppedTableModel</name>
    <message>
        <source>Line</source>
        <translation>Zeile</translation>
    </message>
    <message>
        <source>Why it was left out</source>
        <translation>Warum sie weggelassen wurde</translation>
    </message>
</context>
<context>
    <name>lathe::EvaluationListModel</name>
    <message>
        <source>%1 %</source>
        <comment>per cent</comment>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Evaluation</source>
        <translation>Bewertung</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>rows</comment>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Begonnen</translation>
    </message>
    <message>
        <source>waiting</source>
        <comment>state of an evaluation</comment>
        <translation>wartet</translation>
    </message>
    <message>
        <source>running</source>
        <comment>state of an evaluation</comment>
        <translation>läuft</translation>
    </message>
    <message>
        <source>complete</source>
        <comment>state of an evaluation</comment>
        <translation>fertig</translation>
    </message>
    <message>
        <source>stopped</source>
        <comment>state of an evaluation</comment>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>failed</source>
        <comment>state of an evaluation</comment>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>interrupted</source>
        <comment>state of an evaluation</comment>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>%1 to %2</source>
        <comment>an interval</comment>
        <translation>%1 bis %2</translation>
    </message>
</context>
<context>
    <name>lathe::FindingTableModel</name>
    <message>
        <source>problem</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>note</source>
        <translation>Hinweis</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>finding, severity</comment>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1 %</source>
        <comment>share</comment>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Finding</source>
        <translation>Befund</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>Anteil</translation>
    </message>
    <message>
        <source>What it is</source>
        <translation>Was es ist</translation>
    </message>
</context>
<context>
    <name>lathe::HistoryActions</name>
    <message>
        <source>Nothing was changed yet.</source>
        <translation>Noch nichts wurde geändert.</translation>
    </message>
    <message>
        <source>Nothing was taken back.</source>
        <translation>Nichts wurde zurückgenommen.</translation>
    </message>
</context>
<context>
    <name>lathe::LeaveDialog</name>
    <message>
        <source>Training goes on</source>
        <translation>Das Training läuft</translation>
    </message>
    <message>
        <source>A training is running.</source>
        <translation>Gerade läuft ein Training.</translation>
    </message>
    <message>
        <source>Stopping it keeps every point and a checkpoint; it can go on later.</source>
        <translation>Beim Anhalten bleiben alle Punkte und ein Sicherungspunkt erhalten; es kann später weitergehen.</translation>
    </message>
    <message>
        <source>&amp;Stop, keep and leave</source>
        <translation>&amp;Anhalten, behalten und beenden</translation>
    </message>
    <message>
        <source>&amp;Go on training</source>
        <translation>&amp;Weiter trainieren</translation>
    </message>
</context>
<context>
    <name>lathe::LengthChart</name>
    <message>
        <source>tokens of a row</source>
        <translation>Tokens einer Zeile</translation>
    </message>
</context>
<context>
    <name>lathe::LengthTableModel</name>
    <message>
        <source>From (tokens)</source>
        <translation>Von (Tokens)</translation>
    </message>
    <message>
        <source>To (tokens)</source>
        <translation>Bis (Tokens)</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
</context>
<context>
    <name>lathe::LiveChart</name>
    <message>
        <source>No data yet. The first point comes with the first step.</source>
        <translation>Noch keine Daten. Der erste Punkt kommt mit dem ersten Schritt.</translation>
    </message>
    <message>
        <source>step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>trial %1</source>
        <translation>Versuch %1</translation>
    </message>
    <message>
        <source>best: step %1</source>
        <translation>bester: Schritt %1</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>trial: metric</comment>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>lathe::LiveCharts</name>
    <message>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>nats</source>
        <translation>Nat</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Lernrate</translation>
    </message>
    <message>
        <source>S&amp;moothing</source>
        <translation>&amp;Glättung</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>Glättung</translation>
    </message>
    <message>
        <source>Weight of the moving average drawn over the raw line</source>
        <translation>Gewicht des gleitenden Mittels über der rohen Linie</translation>
    </message>
    <message>
        <source>Reset &amp;zoom</source>
        <translation>&amp;Zoom zurücksetzen</translation>
    </message>
    <message>
        <source>Tokens per second</source>
        <translation>Token pro Sekunde</translation>
    </message>
    <message>
        <source>L&amp;ogarithmic loss</source>
        <translation>Verlust l&amp;ogarithmisch</translation>
    </message>
</context>
<context>
    <name>lathe::LiveHeader</name>
    <message>
        <source>No run chosen</source>
        <translation>Kein Lauf gewählt</translation>
    </message>
    <message>
        <source>Start a recipe, or open one of the runs.</source>
        <translation>Starten Sie ein Rezept oder öffnen Sie einen der Läufe.</translation>
    </message>
    <message>
        <source>Best so far: #%1 with %2</source>
        <translation>Bisher am besten: #%1 mit %2</translation>
    </message>
    <message>
        <source>step %1 of %2</source>
        <translation>Schritt %1 von %2</translation>
    </message>
    <message>
        <source>time left</source>
        <translation>verbleibend</translation>
    </message>
    <message>
        <source>training time</source>
        <translation>Trainingszeit</translation>
    </message>
    <message>
        <source>Resume</source>
        <comment>after a pause</comment>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Hält an…</translation>
    </message>
    <message>
        <source>Stop and keep</source>
        <translation>Anhalten und behalten</translation>
    </message>
    <message>
        <source>Tria&amp;l</source>
        <translation>&amp;Versuch</translation>
    </message>
    <message>
        <source>Trial</source>
        <translation>Versuch</translation>
    </message>
    <message>
        <source>Progress of the run</source>
        <translation>Fortschritt des Laufs</translation>
    </message>
    <message>
        <source>accuracy, before → now</source>
        <translation>Genauigkeit, vorher → jetzt</translation>
    </message>
    <message>
        <source>evaluation loss, before → now</source>
        <translation>Prüfverlust, vorher → jetzt</translation>
    </message>
    <message>
        <source>tokens per second</source>
        <translation>Token pro Sekunde</translation>
    </message>
    <message>
        <source>Hold the training after this step, or go on (Space)</source>
        <translation>Das Training nach diesem Schritt anhalten oder fortsetzen (Leertaste)</translation>
    </message>
    <message>
        <source>End the training after this step and keep what was trained (Ctrl+.)</source>
        <translation>Das Training nach diesem Schritt beenden und das Gelernte behalten (Strg+.)</translation>
    </message>
    <message>
        <source>Write the adapter as a folder that PEFT can load (Ctrl+E)</source>
        <translation>Den Adapter als Ordner schreiben, den PEFT laden kann (Strg+E)</translation>
    </message>
    <message>
        <source>All r&amp;uns</source>
        <translation>Alle Lä&amp;ufe</translation>
    </message>
    <message>
        <source>&amp;Change the recipe</source>
        <translation>Rezept ä&amp;ndern</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <comment>with a run that was stopped</comment>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>Go on from the last checkpoint</source>
        <translation>Vom letzten Sicherungspunkt aus weitermachen</translation>
    </message>
    <message>
        <source>E&amp;xport adapter…</source>
        <translation>Adapter e&amp;xportieren…</translation>
    </message>
    <message>
        <source>Study &amp;board</source>
        <translation>&amp;Studie</translation>
    </message>
    <message>
        <source>Show all trials of the study together (Ctrl+Shift+B)</source>
        <translation>Alle Versuche der Studie zusammen zeigen (Strg+Umschalt+B)</translation>
    </message>
</context>
<context>
    <name>lathe::LivePage</name>
    <message>
        <source>Nothing is training on the live page.</source>
        <translation>Auf der Live-Seite trainiert nichts.</translation>
    </message>
</context>
<context>
    <name>lathe::LogPanel</name>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Filter the log</source>
        <translation>Das Protokoll filtern</translation>
    </message>
    <message>
        <source>Copy the selected lines, or all</source>
        <translation>Die gewählten Zeilen kopieren, sonst alle</translation>
    </message>
</context>
<context>
    <name>lathe::MainWindow</name>
    <message>
        <source>Writing works again. The run waits: resume it with Space.</source>
        <translation>Das Schreiben geht wieder. Der Lauf wartet: weiter mit der Leertaste.</translation>
    </message>
    <message>
        <source>Training is paused: %1</source>
        <translation>Das Training pausiert: %1</translation>
    </message>
    <message>
        <source>Open project</source>
        <translation>Projekt öffnen</translation>
    </message>
    <message>
        <source>Stopping the training; the window closes when everything is saved…</source>
        <translation>Das Training hält an; das Fenster schließt, sobald alles gespeichert ist…</translation>
    </message>
    <message>
        <source>Open a run or choose one in the table first.</source>
        <translation>Öffnen Sie erst einen Lauf oder wählen Sie einen in der Tabelle.</translation>
    </message>
    <message>
        <source>This run has no adapter yet.</source>
        <translation>Dieser Lauf hat noch keinen Adapter.</translation>
    </message>
    <message>
        <source>This page has no filter.</source>
        <translation>Diese Seite hat keinen Filter.</translation>
    </message>
    <message>
        <source>Lathe</source>
        <translation>Lathe</translation>
    </message>
    <message>
        <source>Written: %1</source>
        <translation>Geschrieben: %1</translation>
    </message>
    <message>
        <source>This run is not part of a study.</source>
        <translation>Dieser Lauf gehört zu keiner Studie.</translation>
    </message>
    <message>
        <source>The methods that are compared are missing here.</source>
        <translation>Die Verfahren, die verglichen werden, fehlen hier.</translation>
    </message>
    <message>
        <source>The project folder is not open. Open one with File, Open project…</source>
        <translation>Der Projektordner ist nicht offen. Öffnen Sie einen mit Datei, Projekt öffnen …</translation>
    </message>
</context>
<context>
    <name>lathe::ModelDetails</name>
    <message>
        <source>The recipe as it is does not fit this model: %1</source>
        <translation>So wie es ist, passt das Rezept nicht zu diesem Modell: %1</translation>
    </message>
    <message>
        <source>Reading the model&apos;s files…</source>
        <translation>Die Dateien des Modells werden gelesen…</translation>
    </message>
    <message>
        <source>Choose a model to see what it is.</source>
        <translation>Wählen Sie ein Modell, um zu sehen, was es ist.</translation>
    </message>
    <message>
        <source>%1 of width %2</source>
        <comment>layers</comment>
        <translation>%1 mit Breite %2</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Token</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>unbegrenzt</translation>
    </message>
    <message>
        <source>%1 ×</source>
        <comment>how often</comment>
        <translation>%1 ×</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>Familie</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>Schichten</translation>
    </message>
    <message>
        <source>Heads</source>
        <translation>Köpfe</translation>
    </message>
    <message>
        <source>Vocabulary</source>
        <translation>Vokabular</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Number format</source>
        <translation>Zahlenformat</translation>
    </message>
    <message>
        <source>On disk</source>
        <translation>Auf der Platte</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>Tokenizer</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Stelle</translation>
    </message>
    <message>
        <source>Count</source>
        <translation>Anzahl</translation>
    </message>
    <message>
        <source>Width</source>
        <comment>of a projection</comment>
        <translation>Breite</translation>
    </message>
    <message>
        <source>Where adapters attach</source>
        <translation>Wo Adapter ansetzen</translation>
    </message>
    <message>
        <source>From its README</source>
        <translation>Aus seiner README</translation>
    </message>
    <message>
        <source>Show in files</source>
        <translation>In Dateien zeigen</translation>
    </message>
    <message>
        <source>Open the model&apos;s folder in the file manager</source>
        <translation>Den Ordner des Modells in der Dateiverwaltung öffnen</translation>
    </message>
    <message>
        <source>%1, %2 key/value</source>
        <comment>attention heads</comment>
        <translation>%1, %2 Schlüssel/Wert</translation>
    </message>
    <message>
        <source>Methods</source>
        <translation>Methoden</translation>
    </message>
    <message>
        <source>There is no tokenizer in the folder: without one the model can neither be trained nor asked.</source>
        <translation>Im Ordner liegt kein Tokenizer: Ohne ihn lässt sich das Modell weder trainieren noch befragen.</translation>
    </message>
    <message>
        <source>Copy the path</source>
        <translation>Pfad kopieren</translation>
    </message>
</context>
<context>
    <name>lathe::ModelLibrary</name>
    <message>
        <source>Built-in model</source>
        <translation>Eingebautes Modell</translation>
    </message>
    <message>
        <source>The folder %1 is not there now. Plug the drive in, or tell where the model is.</source>
        <translation>Der Ordner %1 ist gerade nicht da. Stecken Sie das Laufwerk an, oder sagen Sie, wo das Modell ist.</translation>
    </message>
</context>
<context>
    <name>lathe::ModelPage</name>
    <message>
        <source>Add a model or a folder with models</source>
        <translation>Ein Modell oder einen Ordner mit Modellen hinzufügen</translation>
    </message>
    <message>
        <source>Where is %1 now?</source>
        <translation>Wo ist %1 jetzt?</translation>
    </message>
    <message>
        <source>Downloads are switched off. Switch them on with Tools, Allow downloads.</source>
        <translation>Herunterladen ist ausgeschaltet. Schalten Sie es ein mit Extras, Herunterladen erlauben.</translation>
    </message>
    <message>
        <source>The environment variable HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids downloads.</source>
        <translation>Die Umgebungsvariable HF_HUB_OFFLINE oder TRANSFORMERS_OFFLINE verbietet das Herunterladen.</translation>
    </message>
    <message>
        <source>No model matches the filter</source>
        <translation>Kein Modell passt zum Filter</translation>
    </message>
    <message>
        <source>No models yet</source>
        <translation>Noch keine Modelle</translation>
    </message>
    <message>
        <source>Fewer words find more.</source>
        <translation>Weniger Wörter finden mehr.</translation>
    </message>
    <message>
        <source>Drop the folder of a model here, or add one. Nothing is copied or changed.</source>
        <translation>Legen Sie den Ordner eines Modells hier ab, oder fügen Sie einen hinzu. Nichts wird kopiert oder verändert.</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Filter (Ctrl+F)</source>
        <translation>Filter (Strg+F)</translation>
    </message>
    <message>
        <source>Filter the models</source>
        <translation>Die Modelle filtern</translation>
    </message>
    <message>
        <source>Use in recipe</source>
        <translation>Ins Rezept</translation>
    </message>
    <message>
        <source>Make it the recipe&apos;s base model (Enter)</source>
        <translation>Zum Grundmodell des Rezepts machen (Eingabe)</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>Hinzufügen…</translation>
    </message>
    <message>
        <source>Locate…</source>
        <translation>Suchen…</translation>
    </message>
    <message>
        <source>Tell where a model that is not there now has gone</source>
        <translation>Sagen, wohin ein Modell gekommen ist, das gerade nicht da ist</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Take it off the list; its files stay (Del)</source>
        <translation>Aus der Liste nehmen; seine Dateien bleiben (Entf)</translation>
    </message>
    <message>
        <source>Download…</source>
        <translation>Herunterladen…</translation>
    </message>
    <message>
        <source>Add a &amp;folder…</source>
        <translation>&amp;Ordner hinzufügen…</translation>
    </message>
    <message>
        <source>Chat</source>
        <comment>with a model</comment>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Ask this model something</source>
        <translation>Dieses Modell etwas fragen</translation>
    </message>
</context>
<context>
    <name>lathe::ModelTableModel</name>
    <message>
        <source>reading…</source>
        <translation>wird gelesen…</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>unbegrenzt</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
    <message>
        <source>cannot be used</source>
        <translation>nicht verwendbar</translation>
    </message>
    <message>
        <source>not there now</source>
        <translation>gerade nicht da</translation>
    </message>
    <message>
        <source>recipe does not fit</source>
        <translation>Rezept passt nicht</translation>
    </message>
    <message>
        <source>fits, %1</source>
        <translation>passt, %1</translation>
    </message>
    <message>
        <source>tight, %1</source>
        <translation>knapp, %1</translation>
    </message>
    <message>
        <source>too big, %1</source>
        <translation>zu groß, %1</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>method: its places</comment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>every weight</source>
        <translation>jedes Gewicht</translation>
    </message>
    <message>
        <source>Training with the recipe needs about %1.</source>
        <translation>Das Training mit dem Rezept braucht etwa %1.</translation>
    </message>
    <message>
        <source>%1 are free now.</source>
        <translation>Frei sind jetzt %1.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Family</source>
        <translation>Familie</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Context</source>
        <comment>tokens a model can read</comment>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Tokenizer</source>
        <translation>Tokenizer</translation>
    </message>
    <message>
        <source>Methods</source>
        <translation>Methoden</translation>
    </message>
    <message>
        <source>%1 B</source>
        <comment>billion parameters</comment>
        <translation>%1 Mrd.</translation>
    </message>
    <message>
        <source>%1 M</source>
        <comment>million parameters</comment>
        <translation>%1 Mio.</translation>
    </message>
    <message>
        <source>What a training with the recipe as it is would need, and whether that is free now</source>
        <translation>Was ein Training mit dem Rezept, wie es ist, bräuchte, und ob das jetzt frei ist</translation>
    </message>
    <message>
        <source>Format</source>
        <comment>of numbers</comment>
        <translation>Format</translation>
    </message>
    <message>
        <source>Size</source>
        <comment>on the disk</comment>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
</context>
<context>
    <name>lathe::NavigationBar</name>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Start</source>
        <comment>page</comment>
        <translation>Start</translation>
    </message>
    <message>
        <source>Recipe</source>
        <comment>page</comment>
        <translation>Rezept</translation>
    </message>
    <message>
        <source>Live</source>
        <comment>page</comment>
        <translation>Live</translation>
    </message>
    <message>
        <source>Runs</source>
        <comment>page</comment>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>%1, training</source>
        <translation>%1, trainiert</translation>
    </message>
    <message>
        <source>Models</source>
        <comment>page</comment>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Chat</source>
        <comment>page</comment>
        <translation>Chat</translation>
    </message>
    <message>
        <source>Data</source>
        <comment>page</comment>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <comment>page</comment>
        <translation>Auswerten</translation>
    </message>
    <message>
        <source>Study</source>
        <comment>page</comment>
        <translation>Studie</translation>
    </message>
</context>
<context>
    <name>lathe::ParamField</name>
    <message>
        <source>%1. Default: %2.</source>
        <translation>%1. Vorgabe: %2.</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>%1, in %2</source>
        <comment>field, in unit</comment>
        <translation>%1, in %2</translation>
    </message>
    <message>
        <source>Changed. Click to go back to the default, %1.</source>
        <translation>Geändert. Ein Klick setzt auf die Vorgabe %1 zurück.</translation>
    </message>
    <message>
        <source>Reset %1 to its default</source>
        <translation>%1 auf die Vorgabe zurücksetzen</translation>
    </message>
    <message>
        <source>Search over a range of values instead of one</source>
        <translation>Statt eines Wertes einen Bereich durchsuchen</translation>
    </message>
    <message>
        <source>Search over %1</source>
        <translation>%1 durchsuchen</translation>
    </message>
</context>
<context>
    <name>lathe::PlacesDialog</name>
    <message>
        <source>Where the adapter goes</source>
        <translation>Wo der Adapter sitzt</translation>
    </message>
    <message>
        <source>Lit places get an adapter. Click one, or go there with the arrow keys and press the space bar; headings switch whole rows and columns.</source>
        <translation>Leuchtende Stellen bekommen einen Adapter. Klicken Sie eine an, oder gehen Sie mit den Pfeiltasten hin und drücken Sie die Leertaste; Überschriften schalten ganze Zeilen und Spalten.</translation>
    </message>
    <message>
        <source>&amp;All</source>
        <translation>&amp;Alle</translation>
    </message>
    <message>
        <source>&amp;None</source>
        <translation>&amp;Keine</translation>
    </message>
    <message>
        <source>A&amp;ttention</source>
        <translation>A&amp;ttention</translation>
    </message>
    <message>
        <source>&amp;Feed-forward</source>
        <translation>&amp;Feed-forward</translation>
    </message>
    <message>
        <source>Nothing is chosen; an adapter needs a place.</source>
        <translation>Nichts ist gewählt; ein Adapter braucht eine Stelle.</translation>
    </message>
    <message>
        <source>In the recipe: %1</source>
        <translation>Im Rezept: %1</translation>
    </message>
    <message>
        <source>%1 places, %2 trained parameters</source>
        <translation>%1 Stellen, %2 trainierte Parameter</translation>
    </message>
</context>
<context>
    <name>lathe::PlacesView</name>
    <message>
        <source>Places of the adapter</source>
        <translation>Stellen des Adapters</translation>
    </message>
    <message>
        <source>Layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source>none here</source>
        <translation>hier keine</translation>
    </message>
    <message>
        <source>%1: with an adapter</source>
        <translation>%1: mit Adapter</translation>
    </message>
    <message>
        <source>%1: without</source>
        <translation>%1: ohne</translation>
    </message>
    <message>
        <source>All places</source>
        <translation>Alle Stellen</translation>
    </message>
    <message>
        <source>%1: %2 of %3 with an adapter</source>
        <translation>%1: %2 von %3 mit Adapter</translation>
    </message>
    <message>
        <source>Outside</source>
        <translation>Außerhalb</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
</context>
<context>
    <name>lathe::PredictionTableModel</name>
    <message>
        <source>Row</source>
        <translation>Zeile</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>not asked</source>
        <comment>a row of an evaluation</comment>
        <translation>nicht gefragt</translation>
    </message>
    <message>
        <source>right</source>
        <comment>an answer</comment>
        <translation>richtig</translation>
    </message>
    <message>
        <source>wrong</source>
        <comment>an answer</comment>
        <translation>falsch</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>Erwartet</translation>
    </message>
    <message>
        <source>Other answer</source>
        <translation>Andere Antwort</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Prompt</translation>
    </message>
</context>
<context>
    <name>lathe::ProjectSession</name>
    <message>
        <source>Read back: the largest difference of the logits is %1.</source>
        <translation>Zurückgelesen: der größte Unterschied der Logits ist %1.</translation>
    </message>
    <message>
        <source>While something trains, the number of trials at the same time stays %1; choose %1, or wait until it is over.</source>
        <translation>Solange etwas trainiert, bleibt es bei %1 Versuchen zur gleichen Zeit; %1 wählen oder das Ende abwarten.</translation>
    </message>
</context>
<context>
    <name>lathe::PromptDialog</name>
    <message>
        <source>The prompt as the model reads it</source>
        <translation>Der Prompt, wie das Modell ihn liest</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>lathe::RangeEditor</name>
    <message>
        <source>at least %1</source>
        <translation>mindestens %1</translation>
    </message>
    <message>
        <source>at most %1</source>
        <translation>höchstens %1</translation>
    </message>
    <message>
        <source>step</source>
        <comment>distance of the values of a range</comment>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Search only the lowest value and every step above it; empty: every value</source>
        <translation>Nur den kleinsten Wert und jeden Schritt darüber suchen; leer: jeden Wert</translation>
    </message>
    <message>
        <source>%1: step</source>
        <translation>%1: Schrittweite</translation>
    </message>
    <message>
        <source>Choose at least one value to search.</source>
        <translation>Wählen Sie mindestens einen Wert.</translation>
    </message>
    <message>
        <source>Type the lowest and the highest value to search.</source>
        <translation>Geben Sie den niedrigsten und den höchsten Wert ein.</translation>
    </message>
    <message>
        <source>true and false</source>
        <translation>an und aus</translation>
    </message>
    <message>
        <source>range</source>
        <translation>Bereich</translation>
    </message>
    <message>
        <source>list</source>
        <translation>Liste</translation>
    </message>
    <message>
        <source>%1: search a range or a list</source>
        <translation>%1: Bereich oder Liste durchsuchen</translation>
    </message>
    <message>
        <source>%1: lowest value</source>
        <translation>%1: niedrigster Wert</translation>
    </message>
    <message>
        <source>%1: highest value</source>
        <translation>%1: höchster Wert</translation>
    </message>
    <message>
        <source>%1: values to try</source>
        <translation>%1: Werte zum Probieren</translation>
    </message>
    <message>
        <source>log</source>
        <translation>log</translation>
    </message>
    <message>
        <source>Draw evenly over the orders of magnitude</source>
        <translation>Gleichmäßig über die Größenordnungen ziehen</translation>
    </message>
    <message>
        <source>%1: logarithmic</source>
        <translation>%1: logarithmisch</translation>
    </message>
    <message>
        <source>low</source>
        <translation>von</translation>
    </message>
    <message>
        <source>high</source>
        <translation>bis</translation>
    </message>
    <message>
        <source>8, 16, 32</source>
        <translation>8, 16, 32</translation>
    </message>
</context>
<context>
    <name>lathe::RecipeInspector</name>
    <message>
        <source>about %1</source>
        <translation>etwa %1</translation>
    </message>
    <message>
        <source>%1 % of the base model&apos;s %2</source>
        <translation>%1 % der %2 des Grundmodells</translation>
    </message>
    <message numerus="yes">
        <source>%n field(s) need another value:</source>
        <translation>
            <numerusform>%n Feld braucht einen anderen Wert:</numerusform>
            <numerusform>%n Felder brauchen einen anderen Wert:</numerusform>
        </translation>
    </message>
    <message>
        <source>Model and data: checked when the fields are right</source>
        <translation>Modell und Daten: werden geprüft, sobald die Felder stimmen</translation>
    </message>
    <message>
        <source>Every field has a good value</source>
        <translation>Alle Felder haben gute Werte</translation>
    </message>
    <message>
        <source>Model and data can be read and fit together</source>
        <translation>Modell und Daten sind lesbar und passen zusammen</translation>
    </message>
    <message>
        <source>Model and data: being checked…</source>
        <translation>Modell und Daten: werden geprüft…</translation>
    </message>
    <message>
        <source>Memory: not known yet</source>
        <translation>Speicher: noch nicht bekannt</translation>
    </message>
    <message>
        <source>Memory: this system does not tell what is free</source>
        <translation>Speicher: dieses System sagt nicht, was frei ist</translation>
    </message>
    <message>
        <source>Memory: only %1 are free; try a smaller batch</source>
        <translation>Speicher: nur %1 sind frei; versuchen Sie kleinere Stapel</translation>
    </message>
    <message>
        <source>Memory: fits, %1 are free</source>
        <translation>Speicher: passt, %1 sind frei</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Startet…</translation>
    </message>
    <message>
        <source>Train with the recipe as it is (Ctrl+Return)</source>
        <translation>Mit dem Rezept trainieren, wie es ist (Strg+Eingabe)</translation>
    </message>
    <message>
        <source>Before the start</source>
        <translation>Vor dem Start</translation>
    </message>
    <message>
        <source>Name of the run</source>
        <translation>Name des Laufs</translation>
    </message>
    <message>
        <source>Trainable parameters</source>
        <translation>Trainierbare Parameter</translation>
    </message>
    <message>
        <source>Memory needed</source>
        <translation>Speicherbedarf</translation>
    </message>
    <message>
        <source>Start study</source>
        <translation>Studie starten</translation>
    </message>
    <message>
        <source>Start</source>
        <comment>train</comment>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Where the adapter goes…</source>
        <translation>Wo der Adapter sitzt…</translation>
    </message>
    <message>
        <source>Profile a step…</source>
        <translation>Einen Schritt vermessen…</translation>
    </message>
</context>
<context>
    <name>lathe::RecipePage</name>
    <message>
        <source>Run</source>
        <translation>Lauf</translation>
    </message>
    <message>
        <source>%1 on %2</source>
        <comment>method on data</comment>
        <translation>%1 auf %2</translation>
    </message>
    <message>
        <source>The project folder is not open. Open one with File, Open project…</source>
        <translation>Der Projektordner ist nicht offen. Öffnen Sie einen mit Datei, Projekt öffnen…</translation>
    </message>
    <message>
        <source>Not started. %1: %2</source>
        <comment>field: problem</comment>
        <translation>Nicht gestartet. %1: %2</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>Rezept</translation>
    </message>
    <message>
        <source>Filter the fields (Ctrl+F)</source>
        <translation>Felder filtern (Strg+F)</translation>
    </message>
    <message>
        <source>Filter the fields</source>
        <translation>Felder filtern</translation>
    </message>
    <message>
        <source>Give ranges to some fields and train several variants</source>
        <translation>Einigen Feldern Bereiche geben und mehrere Varianten trainieren</translation>
    </message>
    <message>
        <source>Base model</source>
        <translation>Grundmodell</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation>Optimierer</translation>
    </message>
    <message>
        <source>Schedule and stopping</source>
        <translation>Ablauf und Ende</translation>
    </message>
    <message>
        <source>Evaluation and samples</source>
        <translation>Prüfung und Proben</translation>
    </message>
    <message>
        <source>Checkpoints</source>
        <translation>Sicherungspunkte</translation>
    </message>
    <message>
        <source>Advanced fields</source>
        <translation>Weitere Felder</translation>
    </message>
    <message>
        <source>Search (≈) as a study</source>
        <translation>Suche (≈) als Studie</translation>
    </message>
    <message>
        <source>This method takes the model as a whole.</source>
        <translation>Dieses Verfahren nimmt das Modell als Ganzes.</translation>
    </message>
    <message>
        <source>The model and the fields of the adapter have to be in order first.</source>
        <translation>Erst müssen das Modell und die Felder des Adapters in Ordnung sein.</translation>
    </message>
</context>
<context>
    <name>lathe::RunExports</name>
    <message>
        <source>Exported to %1.</source>
        <translation>Nach %1 exportiert.</translation>
    </message>
    <message>
        <source>Nothing was exported to %1: %2</source>
        <translation>Nach %1 wurde nichts exportiert: %2</translation>
    </message>
    <message>
        <source>Export adapter</source>
        <translation>Adapter exportieren</translation>
    </message>
    <message>
        <source>Writes the adapter of “%1” to a new folder, reads it back and compares its answers.</source>
        <translation>Schreibt den Adapter von „%1“ in einen neuen Ordner, liest ihn wieder ein und vergleicht seine Antworten.</translation>
    </message>
    <message>
        <source>As trained</source>
        <translation>Wie trainiert</translation>
    </message>
    <message>
        <source>A folder that PEFT loads; after full fine-tuning the whole model.</source>
        <translation>Ein Ordner, den PEFT lädt; nach vollem Training das ganze Modell.</translation>
    </message>
    <message>
        <source>Export values</source>
        <translation>Werte exportieren</translation>
    </message>
    <message>
        <source>Writes every point of “%1” to a CSV file.</source>
        <translation>Schreibt jeden Punkt von „%1“ in eine CSV-Datei.</translation>
    </message>
    <message>
        <source>This build cannot combine adapters.</source>
        <translation>Diese Ausgabe von Lathe kann keine Adapter vereinen.</translation>
    </message>
    <message>
        <source>%1 (run %2)</source>
        <comment>name and number of a run</comment>
        <translation>%1 (Lauf %2)</translation>
    </message>
</context>
<context>
    <name>lathe::RunTableModel</name>
    <message>
        <source>%1 %</source>
        <comment>share of a run that is done</comment>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1 %</source>
        <comment>accuracy</comment>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>State</source>
        <comment>of a run</comment>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>Evaluation loss</source>
        <translation>Prüfverlust</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <source>Started</source>
        <comment>the time when it was started</comment>
        <translation>Begonnen</translation>
    </message>
    <message>
        <source>queued</source>
        <comment>state of a run</comment>
        <translation>wartet</translation>
    </message>
    <message>
        <source>preparing</source>
        <comment>state of a run</comment>
        <translation>bereitet vor</translation>
    </message>
    <message>
        <source>running</source>
        <comment>state of a run</comment>
        <translation>läuft</translation>
    </message>
    <message>
        <source>paused</source>
        <comment>state of a run</comment>
        <translation>pausiert</translation>
    </message>
    <message>
        <source>finishing</source>
        <comment>state of a run</comment>
        <translation>schließt ab</translation>
    </message>
    <message>
        <source>complete</source>
        <comment>state of a run</comment>
        <translation>fertig</translation>
    </message>
    <message>
        <source>pruned</source>
        <comment>state of a run</comment>
        <translation>abgebrochen (Suche)</translation>
    </message>
    <message>
        <source>failed</source>
        <comment>state of a run</comment>
        <translation>fehlgeschlagen</translation>
    </message>
    <message>
        <source>stopped</source>
        <comment>state of a run: the user stopped it</comment>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>interrupted</source>
        <comment>state of a run: the program ended while it ran</comment>
        <translation>unterbrochen</translation>
    </message>
    <message>
        <source>%1 s</source>
        <comment>seconds</comment>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <comment>minutes and seconds</comment>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <comment>hours and minutes</comment>
        <translation>%1 h %2 min</translation>
    </message>
</context>
<context>
    <name>lathe::RunsPage</name>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>Name of the run</source>
        <translation>Name des Laufs</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Move to trash</source>
        <translation>In den Papierkorb</translation>
    </message>
    <message>
        <source>Put “%1” into the trash?</source>
        <translation>„%1“ in den Papierkorb legen?</translation>
    </message>
    <message>
        <source>All trials of its study go with it. Its rows and files stay on the disk.</source>
        <translation>Alle Versuche der Studie gehen mit. Zeilen und Dateien bleiben auf der Platte.</translation>
    </message>
    <message>
        <source>Move to &amp;trash</source>
        <translation>In den &amp;Papierkorb</translation>
    </message>
    <message>
        <source>Choose a run in the table first.</source>
        <translation>Wählen Sie erst einen Lauf in der Tabelle.</translation>
    </message>
    <message>
        <source>It is training: stop it first.</source>
        <translation>Er trainiert gerade: halten Sie ihn erst an.</translation>
    </message>
    <message>
        <source>Only a run that was stopped or interrupted can go on.</source>
        <translation>Nur ein angehaltener oder unterbrochener Lauf kann weitergehen.</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Filter the runs</source>
        <translation>Läufe filtern</translation>
    </message>
    <message>
        <source>Open</source>
        <comment>a run</comment>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Show the run&apos;s charts and samples (Enter)</source>
        <translation>Diagramme und Proben des Laufs zeigen (Eingabe)</translation>
    </message>
    <message>
        <source>No runs yet</source>
        <translation>Noch keine Läufe</translation>
    </message>
    <message>
        <source>Each training appears here with its state, loss and accuracy.</source>
        <translation>Jedes Training erscheint hier mit Zustand, Verlust und Genauigkeit.</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Export…</translation>
    </message>
    <message>
        <source>CSV…</source>
        <translation>CSV…</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Umbenennen…</translation>
    </message>
    <message>
        <source>Clone</source>
        <translation>Klonen</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>Papierkorb</translation>
    </message>
    <message>
        <source>Tr&amp;y the example</source>
        <translation>Beispiel aus&amp;probieren</translation>
    </message>
    <message>
        <source>Filter (Ctrl+F)</source>
        <translation>Filtern (Strg+F)</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>Chat</translation>
    </message>
</context>
<context>
    <name>lathe::SamplesPanel</name>
    <message>
        <source>(nothing)</source>
        <comment>the model&apos;s answer is empty</comment>
        <translation>(nichts)</translation>
    </message>
    <message>
        <source>Before and after</source>
        <translation>Vorher und nachher</translation>
    </message>
    <message>
        <source>The base model&apos;s answers to a few fixed prompts come first, the trained model&apos;s beside them.</source>
        <translation>Zuerst kommen die Antworten des Grundmodells auf einige feste Fragen, daneben die des trainierten.</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>Erwartet</translation>
    </message>
    <message>
        <source>Base model</source>
        <translation>Grundmodell</translation>
    </message>
    <message>
        <source>Step %1</source>
        <translation>Schritt %1</translation>
    </message>
    <message>
        <source>Trained</source>
        <translation>Trainiert</translation>
    </message>
</context>
<context>
    <name>lathe::SplitTableModel</name>
    <message>
        <source>All rows</source>
        <translation>Alle Zeilen</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Evaluation</source>
        <translation>Bewertung</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Test</translation>
    </message>
</context>
<context>
    <name>lathe::StartPage</name>
    <message>
        <source>accuracy %1</source>
        <comment>with its unit</comment>
        <translation>Genauigkeit %1</translation>
    </message>
    <message>
        <source>Fine-tune language models with adapters</source>
        <translation>Sprachmodelle mit Adaptern feinabstimmen</translation>
    </message>
    <message>
        <source>Pick a model, a method and your data, press Start and watch. Everything stays on this machine.</source>
        <translation>Modell, Methode und Daten wählen, starten und zusehen. Alles bleibt auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Opens the built-in example, ready to start: a trained adapter within a minute</source>
        <translation>Öffnet das eingebaute Beispiel, startbereit: ein trainierter Adapter in einer Minute</translation>
    </message>
    <message>
        <source>&amp;New recipe</source>
        <translation>&amp;Neues Rezept</translation>
    </message>
    <message>
        <source>&amp;Open project…</source>
        <translation>Pro&amp;jekt öffnen…</translation>
    </message>
    <message>
        <source>Built-in examples</source>
        <translation>Eingebaute Beispiele</translation>
    </message>
    <message>
        <source>Recent runs</source>
        <translation>Letzte Läufe</translation>
    </message>
    <message>
        <source>No runs yet. The first one appears here as soon as it starts.</source>
        <translation>Noch keine Läufe. Der erste erscheint hier, sobald er startet.</translation>
    </message>
    <message>
        <source>This machine</source>
        <translation>Dieser Rechner</translation>
    </message>
    <message>
        <source>Looking for devices…</source>
        <translation>Sucht nach Geräten…</translation>
    </message>
    <message>
        <source>Project folder: %1</source>
        <translation>Projektordner: %1</translation>
    </message>
    <message>
        <source>Tr&amp;y it now</source>
        <translation>Jetzt aus&amp;probieren</translation>
    </message>
</context>
<context>
    <name>lathe::StatusLine</name>
    <message>
        <source>nothing is training</source>
        <translation>nichts trainiert</translation>
    </message>
    <message>
        <source>step %1 of %2</source>
        <translation>Schritt %1 von %2</translation>
    </message>
    <message>
        <source>loss %1</source>
        <translation>Verlust %1</translation>
    </message>
    <message>
        <source>%1 left</source>
        <comment>a duration</comment>
        <translation>noch %1</translation>
    </message>
    <message>
        <source>offline</source>
        <translation>offline</translation>
    </message>
    <message>
        <source>Lathe opens no network connection</source>
        <translation>Lathe öffnet keine Netzverbindung</translation>
    </message>
    <message>
        <source>downloads allowed</source>
        <translation>Herunterladen erlaubt</translation>
    </message>
    <message>
        <source>Lathe uses the network when you ask it to download a model</source>
        <translation>Lathe nutzt das Netz, wenn Sie ein Modell herunterladen</translation>
    </message>
</context>
<context>
    <name>lathe::StudyOptions</name>
    <message>
        <source>Search</source>
        <translation>Suche</translation>
    </message>
    <message>
        <source>How the next point is found</source>
        <translation>Wie der nächste Punkt gefunden wird</translation>
    </message>
    <message>
        <source>“%1” is no number of trials; choose 1 to %2.</source>
        <translation>„%1“ ist keine Anzahl von Versuchen; wählen Sie 1 bis %2.</translation>
    </message>
    <message>
        <source>“%1” is no seed; choose a whole number from 0.</source>
        <translation>„%1“ ist kein Startwert; wählen Sie eine ganze Zahl ab 0.</translation>
    </message>
    <message>
        <source>No field is searched yet: press ≈ at one field at least.</source>
        <translation>Noch wird kein Feld durchsucht: drücken Sie ≈ bei mindestens einem Feld.</translation>
    </message>
    <message>
        <source>Press ≈ at the fields to search.</source>
        <translation>Drücken Sie ≈ bei den Feldern, die durchsucht werden sollen.</translation>
    </message>
    <message numerus="yes">
        <source>%n field(s) searched</source>
        <translation>
            <numerusform>%n Feld wird durchsucht</numerusform>
            <numerusform>%n Felder werden durchsucht</numerusform>
        </translation>
    </message>
    <message>
        <source>Number of trials</source>
        <translation>Anzahl der Versuche</translation>
    </message>
    <message>
        <source>Seed of the study</source>
        <translation>Startwert der Studie</translation>
    </message>
    <message>
        <source>What makes a trial the best</source>
        <translation>Was einen Versuch zum besten macht</translation>
    </message>
    <message>
        <source>Trials</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>Best is</source>
        <translation>Am besten ist</translation>
    </message>
    <message>
        <source>“%1” is no number of hours; choose 0 to %2, 0 for no limit.</source>
        <translation>„%1“ ist keine Anzahl von Stunden; wählen Sie 0 bis %2, 0 für keine Grenze.</translation>
    </message>
    <message>
        <source>Options of the search</source>
        <translation>Einstellungen der Suche</translation>
    </message>
    <message>
        <source>Pruning</source>
        <translation>Abbruch</translation>
    </message>
    <message>
        <source>When a trial is given up</source>
        <translation>Wann ein Versuch aufgegeben wird</translation>
    </message>
    <message>
        <source>Options of the pruning</source>
        <translation>Einstellungen des Abbruchs</translation>
    </message>
    <message>
        <source>Hours</source>
        <translation>Stunden</translation>
    </message>
    <message>
        <source>Hours at most</source>
        <translation>Höchstens so viele Stunden</translation>
    </message>
    <message>
        <source>No trial is started once they are over; 0: no limit</source>
        <translation>Danach beginnt kein Versuch mehr; 0: keine Grenze</translation>
    </message>
    <message>
        <source>“%1” is no number of trials at the same time; choose 1 to %2.</source>
        <translation>„%1“ ist keine Zahl gleichzeitiger Versuche; möglich ist 1 bis %2.</translation>
    </message>
    <message>
        <source>The ranges have only %1 different configurations: others would repeat them.</source>
        <translation>Die Bereiche haben nur %1 verschiedene Zusammenstellungen: weitere würden sie wiederholen.</translation>
    </message>
    <message>
        <source>The ranges have %1 different configurations.</source>
        <translation>Die Bereiche haben %1 verschiedene Zusammenstellungen.</translation>
    </message>
    <message>
        <source>How long that takes is known once one such run is complete.</source>
        <translation>Wie lange das dauert, ist bekannt, sobald ein solcher Lauf fertig ist.</translation>
    </message>
    <message>
        <source>%1 (%2 to %3)</source>
        <comment>time, from, to</comment>
        <translation>%1 (%2 bis %3)</translation>
    </message>
    <message>
        <source>That takes at most about %1, at the speed of “%2”.</source>
        <translation>Das dauert höchstens etwa %1, so schnell wie „%2“.</translation>
    </message>
    <message>
        <source>That takes about %1, at the speed of “%2”.</source>
        <translation>Das dauert etwa %1, so schnell wie „%2“.</translation>
    </message>
    <message>
        <source>At once</source>
        <comment>trials at the same time</comment>
        <translation>Zugleich</translation>
    </message>
    <message>
        <source>Trials at the same time</source>
        <translation>Versuche zur gleichen Zeit</translation>
    </message>
    <message>
        <source>So many trials run at the same time and share the cores</source>
        <translation>So viele Versuche laufen zur gleichen Zeit und teilen sich die Kerne</translation>
    </message>
    <message>
        <source>Cost: at most %1 full runs.</source>
        <translation>Kosten: höchstens %1 volle Läufe.</translation>
    </message>
    <message>
        <source>Cost: %1 full runs.</source>
        <translation>Kosten: %1 volle Läufe.</translation>
    </message>
    <message>
        <source>None…</source>
        <comment>rules</comment>
        <translation>Keine…</translation>
    </message>
    <message numerus="yes">
        <source>%n rule(s)…</source>
        <translation>
            <numerusform>%n Regel…</numerusform>
            <numerusform>%n Regeln…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rule(s), one is wrong…</source>
        <translation>
            <numerusform>%n Regel, sie ist falsch…</numerusform>
            <numerusform>%n Regeln, eine ist falsch…</numerusform>
        </translation>
    </message>
    <message>
        <source>Values that follow from others, bounds, forbidden combinations, limits on results</source>
        <translation>Werte, die aus anderen folgen, Grenzen, verbotene Kombinationen, Grenzen für Ergebnisse</translation>
    </message>
    <message>
        <source>Rules</source>
        <comment>of a study</comment>
        <translation>Regeln</translation>
    </message>
    <message>
        <source>Rules of the study</source>
        <translation>Regeln der Studie</translation>
    </message>
</context>
<context>
    <name>lathe::TargetDialog</name>
    <message>
        <source>&amp;Format:</source>
        <translation>&amp;Format:</translation>
    </message>
    <message>
        <source>Folder to write</source>
        <translation>Ordner, der geschrieben wird</translation>
    </message>
    <message>
        <source>File to write</source>
        <translation>Datei, die geschrieben wird</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>&amp;Durchsuchen…</translation>
    </message>
    <message>
        <source>&amp;Export</source>
        <translation>&amp;Exportieren</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Values (*.csv)</source>
        <translation>Werte (*.csv)</translation>
    </message>
    <message>
        <source>Name a place to write to.</source>
        <translation>Nennen Sie einen Ort zum Schreiben.</translation>
    </message>
    <message>
        <source>Written to %1.</source>
        <translation>Wird nach %1 geschrieben.</translation>
    </message>
    <message>
        <source>This is there already; files of the same name are replaced.</source>
        <translation>Das gibt es schon; gleichnamige Dateien werden ersetzt.</translation>
    </message>
    <message>
        <source>It will be made.</source>
        <translation>Wird angelegt.</translation>
    </message>
</context>
<context>
    <name>lathe::TemplateDialog</name>
    <message>
        <source>Compare recipes with controls</source>
        <translation>Rezepte mit Kontrollen vergleichen</translation>
    </message>
    <message>
        <source>A study with its controls: every recipe of it is trained in full with the same seeds, and the study says which is better than which by more than chance.</source>
        <translation>Eine Studie mit ihren Kontrollen: Jedes ihrer Rezepte wird mit denselben Startwerten ganz trainiert, und die Studie sagt, welches besser ist als welches, über den Zufall hinaus.</translation>
    </message>
    <message>
        <source>&amp;Run them</source>
        <translation>&amp;Ausführen</translation>
    </message>
    <message>
        <source>%1 recipes, each with %2 seeds: %3 runs.</source>
        <translation>%1 Rezepte, jedes mit %2 Startwerten: %3 Läufe.</translation>
    </message>
</context>
<context>
    <name>lathe::TokenLegend</name>
    <message>
        <source>struck through</source>
        <translation>durchgestrichen</translation>
    </message>
    <message>
        <source>no loss is taken</source>
        <translation>geht nicht in den Verlust ein</translation>
    </message>
</context>
<context>
    <name>lathe::TokenTableModel</name>
    <message>
        <source>no</source>
        <comment>is the loss taken on a token</comment>
        <translation>nein</translation>
    </message>
    <message>
        <source>yes</source>
        <comment>is the loss taken on a token</comment>
        <translation>ja</translation>
    </message>
    <message>
        <source>No.</source>
        <translation>Nr.</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Id</source>
        <translation>Nummer</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>Teil</translation>
    </message>
    <message>
        <source>Trained on</source>
        <translation>Trainiert</translation>
    </message>
</context>
<context>
    <name>lathe::TokenText</name>
    <message>
        <source>not trained on</source>
        <translation>nicht trainiert</translation>
    </message>
    <message>
        <source>trained on</source>
        <translation>trainiert</translation>
    </message>
    <message numerus="yes">
        <source> … and %n more</source>
        <comment>tokens</comment>
        <translation>
            <numerusform> … und %n weiteres</numerusform>
            <numerusform> … und %n weitere</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lathe::WindowDrop</name>
    <message>
        <source>Drop to open this project</source>
        <translation>Ablegen öffnet dieses Projekt</translation>
    </message>
    <message>
        <source>Drop to add this model, or the models in this folder</source>
        <translation>Ablegen nimmt dieses Modell auf, oder die Modelle in diesem Ordner</translation>
    </message>
    <message>
        <source>Drop to chat with this adapter</source>
        <translation>Ablegen beginnt ein Gespräch mit diesem Adapter</translation>
    </message>
    <message>
        <source>Drop to look at this data and train with it</source>
        <translation>Loslassen, um diese Daten anzusehen und mit ihnen zu trainieren</translation>
    </message>
    <message>
        <source>Drop to evaluate this adapter</source>
        <translation>Loslassen, um diesen Adapter auszuwerten</translation>
    </message>
    <message>
        <source>Drop to ask the rows of this file</source>
        <translation>Loslassen, um die Zeilen dieser Datei zu fragen</translation>
    </message>
</context>
<context>
    <name>Comparison</name>
    <message>
        <source>There is no figure to compare.</source>
        <translation>Es gibt keine Kennzahl zum Vergleichen.</translation>
    </message>
    <message>
        <source>%1: the difference of %2 is within the noise (95 %: from %3 to %4)</source>
        <translation>%1: Der Unterschied von %2 liegt im Rauschen (95 %: von %3 bis %4)</translation>
    </message>
    <message>
        <source>%1: “%2” is better by %3 points (95 %: from %4 to %5)</source>
        <translation>%1: „%2“ ist um %3 Punkte besser (95 %: von %4 bis %5)</translation>
    </message>
    <message>
        <source>%1: “%2” is better by %3 (95 %: from %4 to %5)</source>
        <translation>%1: „%2“ ist um %3 besser (95 %: von %4 bis %5)</translation>
    </message>
    <message>
        <source>%1 (%2 to %3)</source>
        <comment>a difference and its interval</comment>
        <translation>%1 (%2 bis %3)</translation>
    </message>
</context>
<context>
    <name>lathe::EvaluationAdapters</name>
    <message>
        <source>None</source>
        <comment>adapter</comment>
        <translation>Keiner</translation>
    </message>
    <message>
        <source>%1 (run %2)</source>
        <comment>name and number of a run</comment>
        <translation>%1 (Lauf %2)</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>Ordner wählen…</translation>
    </message>
    <message>
        <source>Choose an adapter&apos;s folder</source>
        <translation>Ordner eines Adapters wählen</translation>
    </message>
    <message>
        <source>Add an adapter</source>
        <translation>Adapter hinzufügen</translation>
    </message>
    <message>
        <source>Puts another adapter on beside those above; the first is nearest to the base</source>
        <translation>Setzt einen weiteren Adapter neben die oberen; der erste liegt dem Basismodell am nächsten</translation>
    </message>
    <message>
        <source>Adapter %1</source>
        <translation>Adapter %1</translation>
    </message>
    <message>
        <source>Strength of adapter %1</source>
        <translation>Stärke von Adapter %1</translation>
    </message>
    <message>
        <source>Strength: 1 as trained, 0 as if it were not there</source>
        <translation>Stärke: 1 wie trainiert, 0 als wäre er nicht da</translation>
    </message>
    <message>
        <source>Take adapter %1 off</source>
        <translation>Adapter %1 abnehmen</translation>
    </message>
    <message>
        <source>Take it off</source>
        <translation>Abnehmen</translation>
    </message>
</context>
<context>
    <name>lathe::EvaluationForm</name>
    <message>
        <source>Choose a folder…</source>
        <translation>Ordner wählen…</translation>
    </message>
    <message>
        <source>Choose a model&apos;s folder</source>
        <translation>Ordner eines Modells wählen</translation>
    </message>
    <message>
        <source>Choose a file with rows to ask, or drop one here.</source>
        <translation>Wählen Sie eine Datei mit Zeilen, die gefragt werden sollen, oder ziehen Sie eine hierher.</translation>
    </message>
    <message>
        <source>There is no such file.</source>
        <translation>Diese Datei gibt es nicht.</translation>
    </message>
    <message>
        <source>%1 on %2</source>
        <comment>a model or a run, and a data file</comment>
        <translation>%1 an %2</translation>
    </message>
    <message>
        <source>Choose a model first.</source>
        <translation>Wählen Sie zuerst ein Modell.</translation>
    </message>
    <message>
        <source>Evaluate</source>
        <translation>Auswerten</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>&amp;Modell</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Adapters</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Zeilen</translation>
    </message>
    <message>
        <source>Answers</source>
        <translation>Antworten</translation>
    </message>
    <message>
        <source>Start</source>
        <comment>an evaluation</comment>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Ask the model every row and score its answers (Ctrl+Enter)</source>
        <translation>Das Modell jede Zeile fragen und seine Antworten bewerten (Strg+Eingabe)</translation>
    </message>
</context>
<context>
    <name>lathe::EvaluationPage</name>
    <message>
        <source>Nothing is being evaluated.</source>
        <translation>Es läuft keine Auswertung.</translation>
    </message>
    <message>
        <source>Only an evaluation that was stopped or interrupted can go on.</source>
        <translation>Nur eine angehaltene oder unterbrochene Auswertung kann weitergehen.</translation>
    </message>
    <message>
        <source>There is no row to export yet.</source>
        <translation>Es gibt noch keine Zeile zum Exportieren.</translation>
    </message>
    <message>
        <source>Export the rows</source>
        <translation>Zeilen exportieren</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>JSON lines (*.jsonl)</source>
        <translation>JSON Lines (*.jsonl)</translation>
    </message>
    <message>
        <source>Move to trash</source>
        <translation>In den Papierkorb</translation>
    </message>
    <message>
        <source>Put “%1” into the trash?</source>
        <translation>„%1“ in den Papierkorb legen?</translation>
    </message>
    <message>
        <source>Its rows stay on the disk.</source>
        <translation>Ihre Zeilen bleiben auf der Platte.</translation>
    </message>
    <message>
        <source>Move to &amp;trash</source>
        <translation>In den &amp;Papierkorb</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>No evaluation yet</source>
        <translation>Noch keine Auswertung</translation>
    </message>
    <message>
        <source>Choose a model, an adapter and a data file on the left, or drop a file here. Each row is asked, and every answer can be read afterwards.</source>
        <translation>Wählen Sie links ein Modell, einen Adapter und eine Datendatei, oder ziehen Sie eine Datei hierher. Jede Zeile wird gefragt, und jede Antwort kann danach gelesen werden.</translation>
    </message>
</context>
<context>
    <name>lathe::EvaluationResult</name>
    <message>
        <source>%1 (evaluation %2)</source>
        <comment>name and number</comment>
        <translation>%1 (Auswertung %2)</translation>
    </message>
    <message>
        <source>Nothing</source>
        <comment>to compare with</comment>
        <translation>Nichts</translation>
    </message>
    <message>
        <source>paused</source>
        <comment>state of an evaluation</comment>
        <translation>pausiert</translation>
    </message>
    <message>
        <source>%1 of %2 rows</source>
        <translation>%1 von %2 Zeilen</translation>
    </message>
    <message>
        <source>about %1 left</source>
        <translation>noch etwa %1</translation>
    </message>
    <message>
        <source>The true value lies in the interval with 95 % certainty.</source>
        <translation>Der wahre Wert liegt mit 95 % Sicherheit im Intervall.</translation>
    </message>
    <message>
        <source>Reading the data…</source>
        <translation>Die Daten werden gelesen…</translation>
    </message>
    <message>
        <source>Loading the model…</source>
        <translation>Das Modell wird geladen…</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Evaluation</source>
        <translation>Auswertung</translation>
    </message>
    <message>
        <source>Evaluation to compare with</source>
        <translation>Auswertung zum Vergleichen</translation>
    </message>
    <message>
        <source>&amp;Compare with</source>
        <translation>&amp;Vergleichen mit</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>End it after the rows that are being answered; it can go on later</source>
        <translation>Beendet sie nach den Zeilen, die gerade beantwortet werden; sie kann später weitergehen</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Ask the rows that are left</source>
        <translation>Fragt die übrigen Zeilen</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Write every row to a CSV or JSON lines file</source>
        <translation>Schreibt jede Zeile in eine CSV- oder JSON-Lines-Datei</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>Papierkorb</translation>
    </message>
    <message>
        <source>Put this evaluation into the trash; nothing is erased</source>
        <translation>Legt diese Auswertung in den Papierkorb; nichts wird gelöscht</translation>
    </message>
</context>
<context>
    <name>lathe::EvaluationSession</name>
    <message>
        <source>Nothing can be evaluated here.</source>
        <translation>Hier kann nichts ausgewertet werden.</translation>
    </message>
</context>
<context>
    <name>lathe::PredictionDetails</name>
    <message>
        <source>Choose a row to read it.</source>
        <translation>Wählen Sie eine Zeile, um sie zu lesen.</translation>
    </message>
    <message>
        <source>Row %1, line %2 of the file</source>
        <translation>Zeile %1, in der Datei ab Zeile %2</translation>
    </message>
    <message>
        <source>right</source>
        <comment>an answer</comment>
        <translation>richtig</translation>
    </message>
    <message>
        <source>wrong</source>
        <comment>an answer</comment>
        <translation>falsch</translation>
    </message>
    <message>
        <source>(nothing)</source>
        <comment>the model&apos;s answer is empty</comment>
        <translation>(nichts)</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>Erwartet</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Not asked</source>
        <translation>Nicht gefragt</translation>
    </message>
    <message>
        <source>Compared</source>
        <translation>Verglichen</translation>
    </message>
    <message>
        <source>Answer of “%1”</source>
        <translation>Antwort von „%1“</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Prompt</translation>
    </message>
    <message>
        <source>The chosen row</source>
        <translation>Die gewählte Zeile</translation>
    </message>
</context>
<context>
    <name>lathe::PredictionView</name>
    <message numerus="yes">
        <source>%n row(s)</source>
        <translation>
            <numerusform>%n Zeile</numerusform>
            <numerusform>%n Zeilen</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;All  %1</source>
        <comment>rows</comment>
        <translation>Alle  %1</translation>
    </message>
    <message>
        <source>Ri&amp;ght  %1</source>
        <comment>rows</comment>
        <translation>Ri&amp;chtig  %1</translation>
    </message>
    <message>
        <source>Wr&amp;ong  %1</source>
        <comment>rows</comment>
        <translation>Falsch  %1</translation>
    </message>
    <message>
        <source>&amp;Not asked  %1</source>
        <comment>rows</comment>
        <translation>&amp;Nicht gefragt  %1</translation>
    </message>
    <message>
        <source>Ga&amp;ined  %1</source>
        <comment>rows</comment>
        <translation>&amp;Gewonnen  %1</translation>
    </message>
    <message>
        <source>&amp;Lost  %1</source>
        <comment>rows</comment>
        <translation>Verl&amp;oren  %1</translation>
    </message>
    <message>
        <source>&amp;Both wrong  %1</source>
        <comment>rows</comment>
        <translation>Be&amp;ide falsch  %1</translation>
    </message>
    <message>
        <source>Other answer</source>
        <comment>rows</comment>
        <translation>Andere Antwort</translation>
    </message>
    <message>
        <source>Text in prompt, answer or expected answer (Ctrl+F)</source>
        <translation>Text in Prompt, Antwort oder erwarteter Antwort (Strg+F)</translation>
    </message>
    <message>
        <source>Filter the rows</source>
        <translation>Zeilen filtern</translation>
    </message>
    <message>
        <source>Rows of the evaluation</source>
        <translation>Zeilen der Auswertung</translation>
    </message>
    <message>
        <source>Wrong in the other evaluation, right in this one</source>
        <translation>In der anderen Auswertung falsch, in dieser richtig</translation>
    </message>
    <message>
        <source>Right in the other evaluation, wrong in this one</source>
        <translation>In der anderen Auswertung richtig, in dieser falsch</translation>
    </message>
</context>
<context>
    <name>StudyCharts</name>
    <message>
        <source>best so far</source>
        <translation>bisher bester Wert</translation>
    </message>
    <message>
        <source>trials</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>infeasible</source>
        <translation>unzulässig</translation>
    </message>
    <message>
        <source>complete</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>pruned</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>best</source>
        <translation>bester</translation>
    </message>
    <message>
        <source>importance</source>
        <translation>Bedeutung</translation>
    </message>
    <message>
        <source>share</source>
        <translation>Anteil</translation>
    </message>
    <message>
        <source>step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>full runs</source>
        <translation>ganze Läufe</translation>
    </message>
    <message>
        <source>time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>reached</source>
        <translation>erreicht</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>behalten</translation>
    </message>
    <message>
        <source>front</source>
        <translation>Front</translation>
    </message>
</context>
<context>
    <name>lathe::ParallelView</name>
    <message>
        <source>Parallel coordinates</source>
        <translation>Parallele Koordinaten</translation>
    </message>
    <message>
        <source>No complete trial yet.</source>
        <translation>Noch kein Versuch ist fertig.</translation>
    </message>
    <message numerus="yes">
        <source>%n trial(s) over the searched values and the objective.</source>
        <translation>
            <numerusform>%n Versuch über die gesuchten Werte und das Ziel.</numerusform>
            <numerusform>%n Versuche über die gesuchten Werte und das Ziel.</numerusform>
        </translation>
    </message>
    <message>
        <source>Axis %1.</source>
        <translation>Achse %1.</translation>
    </message>
    <message numerus="yes">
        <source>%n trial(s) in the marked ranges.</source>
        <translation>
            <numerusform>%n Versuch in den markierten Bereichen.</numerusform>
            <numerusform>%n Versuche in den markierten Bereichen.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lathe::StudyCharts</name>
    <message>
        <source>Learning curves</source>
        <translation>Lernkurven</translation>
    </message>
    <message>
        <source>Best so far</source>
        <translation>Bisher bester Wert</translation>
    </message>
    <message>
        <source>A line appears for each trial that is complete.</source>
        <translation>Für jeden fertigen Versuch erscheint eine Linie.</translation>
    </message>
    <message>
        <source>%1 of %2 trials run through the marked ranges.</source>
        <translation>%1 von %2 Versuchen verlaufen durch die markierten Bereiche.</translation>
    </message>
    <message>
        <source>Drag along an axis to mark a range (keys: arrows).</source>
        <translation>Entlang einer Achse ziehen, um einen Bereich zu markieren (Tasten: Pfeile).</translation>
    </message>
    <message>
        <source>Charts of the study</source>
        <translation>Diagramme der Studie</translation>
    </message>
    <message>
        <source>The curves of all trials appear here as soon as one has a value.</source>
        <translation>Hier erscheinen die Kurven aller Versuche, sobald einer einen Wert hat.</translation>
    </message>
    <message>
        <source>The best value appears here once a trial is complete.</source>
        <translation>Hier erscheint der beste Wert, sobald ein Versuch fertig ist.</translation>
    </message>
    <message>
        <source>What the progress is measured against</source>
        <translation>Woran der Fortschritt gemessen wird</translation>
    </message>
    <message>
        <source>trials</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>full runs</source>
        <translation>ganze Läufe</translation>
    </message>
    <message>
        <source>time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Best sh&amp;are</source>
        <translation>Bester &amp;Anteil</translation>
    </message>
    <message>
        <source>Share of the best trials that is not dim</source>
        <translation>Anteil der besten Versuche, der nicht blass ist</translation>
    </message>
    <message>
        <source>Clear &amp;marks</source>
        <translation>&amp;Markierungen löschen</translation>
    </message>
    <message>
        <source>Take all marked ranges away (Esc on the chart)</source>
        <translation>Alle markierten Bereiche wegnehmen (Esc im Diagramm)</translation>
    </message>
    <message>
        <source>&amp;Curves</source>
        <comment>tab</comment>
        <translation>&amp;Kurven</translation>
    </message>
    <message>
        <source>&amp;Best so far</source>
        <comment>tab</comment>
        <translation>&amp;Bisher bester Wert</translation>
    </message>
    <message>
        <source>Fie&amp;lds</source>
        <comment>tab</comment>
        <translation>Fe&amp;lder</translation>
    </message>
    <message>
        <source>&amp;Parallel</source>
        <comment>tab</comment>
        <translation>&amp;Parallel</translation>
    </message>
    <message>
        <source>&amp;Over</source>
        <comment>best value over compute</comment>
        <translation>&amp;Über</translation>
    </message>
    <message>
        <source> %</source>
        <comment>per cent</comment>
        <translation> %</translation>
    </message>
    <message>
        <source>Tra&amp;de-off</source>
        <comment>tab</comment>
        <translation>Abwä&amp;gung</translation>
    </message>
    <message>
        <source>Run&amp;gs</source>
        <comment>tab</comment>
        <translation>St&amp;ufen</translation>
    </message>
    <message>
        <source>Recip&amp;es</source>
        <comment>tab</comment>
        <translation>R&amp;ezepte</translation>
    </message>
</context>
<context>
    <name>lathe::StudyPage</name>
    <message>
        <source>Reading the study…</source>
        <translation>Die Studie wird gelesen…</translation>
    </message>
    <message>
        <source>Go to the study board first (Alt+9).</source>
        <translation>Zuerst zur Studie gehen (Alt+9).</translation>
    </message>
    <message>
        <source>Choose a trial in the table first.</source>
        <translation>Zuerst einen Versuch in der Tabelle wählen.</translation>
    </message>
    <message>
        <source>Only a trial that runs can be paused, pruned or stopped.</source>
        <translation>Nur ein laufender Versuch kann angehalten, abgebrochen oder beendet werden.</translation>
    </message>
    <message>
        <source>This study does not run.</source>
        <translation>Diese Studie läuft nicht.</translation>
    </message>
    <message>
        <source>Only a study that was stopped or interrupted can go on.</source>
        <translation>Nur eine beendete oder unterbrochene Studie kann weitergehen.</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Study</source>
        <translation>Studie</translation>
    </message>
    <message>
        <source>Trials of the study</source>
        <translation>Versuche der Studie</translation>
    </message>
    <message>
        <source>Show the trial&apos;s charts and samples (Enter)</source>
        <translation>Diagramme und Proben des Versuchs zeigen (Eingabe)</translation>
    </message>
    <message>
        <source>No study yet</source>
        <translation>Noch keine Studie</translation>
    </message>
    <message>
        <source>A study trains several trials with different values and finds the best. Tick “Search as a study” on the recipe page and press ≈ at the fields to search.</source>
        <translation>Eine Studie trainiert mehrere Versuche mit verschiedenen Werten und findet die besten. Auf der Rezeptseite „Als Studie suchen“ ankreuzen und bei den zu suchenden Feldern ≈ drücken.</translation>
    </message>
    <message>
        <source>&amp;Make a study</source>
        <translation>Eine Studie &amp;machen</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>&amp;Use as recipe</source>
        <translation>Als &amp;Rezept nehmen</translation>
    </message>
    <message>
        <source>Pause trial</source>
        <translation>Versuch anhalten</translation>
    </message>
    <message>
        <source>Prune</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop trial</source>
        <translation>Versuch beenden</translation>
    </message>
    <message>
        <source>%1 of %2 trials</source>
        <translation>%1 von %2 Versuchen</translation>
    </message>
    <message>
        <source>, %1 pruned</source>
        <translation>, %1 abgebrochen</translation>
    </message>
    <message>
        <source>, %1 failed</source>
        <translation>, %1 fehlgeschlagen</translation>
    </message>
    <message>
        <source>; best %1 at %2</source>
        <comment>value at trial</comment>
        <translation>; bester Wert %1 bei %2</translation>
    </message>
    <message>
        <source>; about %1 left</source>
        <comment>time</comment>
        <translation>; noch etwa %1</translation>
    </message>
    <message>
        <source>Resume</source>
        <comment>after a pause</comment>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Open</source>
        <comment>a trial</comment>
        <translation>Ö&amp;ffnen</translation>
    </message>
    <message>
        <source>Go on</source>
        <comment>with a study</comment>
        <translation>Weitermachen</translation>
    </message>
    <message>
        <source>Promote the wi&amp;nner</source>
        <translation>Sieger &amp;nehmen</translation>
    </message>
    <message>
        <source>Compare (%1)</source>
        <translation>Vergleichen (%1)</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Resume trial</source>
        <translation>Versuch fortsetzen</translation>
    </message>
    <message>
        <source>Release</source>
        <comment>a protected trial</comment>
        <translation>Freigeben</translation>
    </message>
    <message>
        <source>Protect</source>
        <translation>Schützen</translation>
    </message>
    <message>
        <source>Only a trial that runs can be paused, protected, pruned or stopped.</source>
        <translation>Nur ein laufender Versuch kann angehalten, geschützt, abgebrochen oder beendet werden.</translation>
    </message>
    <message>
        <source>Tick at least two trials first (Space or Ctrl+M in the table).</source>
        <translation>Zuerst mindestens zwei Versuche ankreuzen (Leertaste oder Strg+M in der Tabelle).</translation>
    </message>
    <message>
        <source>No trial of this study is complete yet.</source>
        <translation>Von dieser Studie ist noch kein Versuch fertig.</translation>
    </message>
    <message>
        <source>%1 runs are missing.</source>
        <translation>%1 Läufe fehlen noch.</translation>
    </message>
    <message>
        <source>More</source>
        <comment>actions of the study</comment>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Add trials, change the budget, confirm the finalists</source>
        <translation>Versuche hinzufügen, das Budget ändern, die Finalisten bestätigen</translation>
    </message>
    <message>
        <source>Choose a study first.</source>
        <translation>Zuerst eine Studie wählen.</translation>
    </message>
    <message>
        <source>Clone %1</source>
        <translation>%1 abwandeln</translation>
    </message>
    <message>
        <source>Add a trial</source>
        <translation>Einen Versuch hinzufügen</translation>
    </message>
    <message>
        <source>The trial is run before any new point is searched for, and counts like the others.</source>
        <translation>Der Versuch läuft, bevor nach einem neuen Punkt gesucht wird, und zählt wie die anderen.</translation>
    </message>
    <message>
        <source>&amp;Add</source>
        <translation>&amp;Hinzufügen</translation>
    </message>
    <message>
        <source>Budget of the study</source>
        <translation>Budget der Studie</translation>
    </message>
    <message>
        <source>Trials that run go on; a smaller budget only starts fewer. A study that is over goes on by “Go on”.</source>
        <translation>Laufende Versuche gehen weiter; ein kleineres Budget beginnt nur weniger. Eine fertige Studie geht mit „Weitermachen“ weiter.</translation>
    </message>
    <message>
        <source>&amp;Set</source>
        <translation>&amp;Festlegen</translation>
    </message>
    <message>
        <source>Confirm the finalists</source>
        <translation>Die Finalisten bestätigen</translation>
    </message>
    <message>
        <source>The best trials are run again in full, each with every seed, as a study of their own. It says which of them beats which, or that chance explains the difference.</source>
        <translation>Die besten Versuche laufen noch einmal ganz, jeder mit jedem Startwert, als eigene Studie. Sie sagt, welcher welchen schlägt, oder dass Zufall den Unterschied erklärt.</translation>
    </message>
    <message>
        <source>&amp;Run them</source>
        <translation>&amp;Laufen lassen</translation>
    </message>
    <message>
        <source>Only a trial that waits behind another one can run earlier.</source>
        <translation>Nur ein Versuch, der hinter einem anderen wartet, kann früher laufen.</translation>
    </message>
    <message>
        <source>Only a trial that waits before another one can run later.</source>
        <translation>Nur ein Versuch, der vor einem anderen wartet, kann später laufen.</translation>
    </message>
</context>
<context>
    <name>lathe::StudyParameters</name>
    <message>
        <source>Importance of each field</source>
        <translation>Bedeutung jedes Feldes</translation>
    </message>
    <message>
        <source>Importance takes %1 complete trials; there are %2.</source>
        <translation>Die Bedeutung braucht %1 fertige Versuche; es gibt %2.</translation>
    </message>
    <message>
        <source>From %1 trials: too few to rely on the order.</source>
        <translation>Aus %1 Versuchen: zu wenige, um sich auf die Reihenfolge zu verlassen.</translation>
    </message>
    <message>
        <source>What sets the best trials apart from all %1, by PED-ANOVA.</source>
        <translation>Was die besten Versuche von allen %1 unterscheidet, nach PED-ANOVA.</translation>
    </message>
    <message>
        <source>Its values have no order, so there is no rank correlation.</source>
        <translation>Seine Werte haben keine Reihenfolge, also gibt es keine Rangkorrelation.</translation>
    </message>
    <message>
        <source>Rank correlation takes 4 complete trials with different values.</source>
        <translation>Die Rangkorrelation braucht 4 fertige Versuche mit verschiedenen Werten.</translation>
    </message>
    <message>
        <source>Rank correlation %1 (95 %: %2 to %3; p = %4; %5 trials)</source>
        <translation>Rangkorrelation %1 (95 %: %2 bis %3; p = %4; %5 Versuche)</translation>
    </message>
    <message>
        <source>Fiel&amp;d</source>
        <translation>Fel&amp;d</translation>
    </message>
    <message>
        <source>Field against the objective</source>
        <translation>Feld gegen das Ziel</translation>
    </message>
    <message>
        <source>Too few complete trials for now.</source>
        <translation>Noch zu wenige fertige Versuche.</translation>
    </message>
    <message>
        <source>No trial has a value of this field yet.</source>
        <translation>Noch kein Versuch hat einen Wert dieses Feldes.</translation>
    </message>
    <message>
        <source>F&amp;ield</source>
        <translation>Fe&amp;ld</translation>
    </message>
</context>
<context>
    <name>lathe::StudyTrialModel</name>
    <message>
        <source>%1, best</source>
        <comment>state of a trial</comment>
        <translation>%1, bester</translation>
    </message>
    <message>
        <source>Trial</source>
        <translation>Versuch</translation>
    </message>
    <message>
        <source>State</source>
        <comment>of a trial</comment>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Time</source>
        <comment>of training</comment>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Reason</source>
        <comment>why a trial was pruned or has failed</comment>
        <translation>Grund</translation>
    </message>
    <message>
        <source>%1, protected</source>
        <comment>state of a trial</comment>
        <translation>%1, geschützt</translation>
    </message>
    <message>
        <source>%1, turn %2</source>
        <comment>state of a trial that waits, its place in the queue</comment>
        <translation>%1, Platz %2</translation>
    </message>
</context>
<context>
    <name>lathe::StudyComparison</name>
    <message>
        <source>%1 ± %2 (%3 runs)</source>
        <translation>%1 ± %2 (%3 Läufe)</translation>
    </message>
    <message>
        <source>Compare trials</source>
        <translation>Versuche vergleichen</translation>
    </message>
    <message>
        <source>&amp;Close</source>
        <translation>&amp;Schließen</translation>
    </message>
    <message>
        <source>Metric of the curves</source>
        <translation>Größe der Kurven</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>What the curves run over</source>
        <translation>Worüber die Kurven laufen</translation>
    </message>
    <message>
        <source>&amp;Metric</source>
        <translation>&amp;Größe</translation>
    </message>
    <message>
        <source>&amp;over</source>
        <comment>metric over steps</comment>
        <translation>&amp;über</translation>
    </message>
    <message>
        <source>None of these trials has reported this metric.</source>
        <translation>Keiner dieser Versuche hat diese Größe gemeldet.</translation>
    </message>
    <message>
        <source>Results of the trials</source>
        <translation>Ergebnisse der Versuche</translation>
    </message>
    <message>
        <source>Recipes of the trials</source>
        <translation>Rezepte der Versuche</translation>
    </message>
    <message>
        <source>&amp;All fields of the recipes</source>
        <translation>&amp;Alle Felder der Rezepte</translation>
    </message>
    <message>
        <source>time (s)</source>
        <translation>Zeit (s)</translation>
    </message>
    <message>
        <source>step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>Feld</translation>
    </message>
    <message>
        <source>These trials are runs of one recipe.</source>
        <translation>Diese Versuche sind Läufe eines und desselben Rezepts.</translation>
    </message>
    <message>
        <source>Fewer than two of these trials have a result so far.</source>
        <translation>Bisher haben weniger als zwei dieser Versuche ein Ergebnis.</translation>
    </message>
    <message>
        <source>The best of these trials are level.</source>
        <translation>Die besten dieser Versuche sind gleichauf.</translation>
    </message>
    <message>
        <source>%1 ± %2</source>
        <translation>%1 ± %2</translation>
    </message>
    <message>
        <source>%1 is ahead of %2; whether by chance, only further runs with other seeds can tell.</source>
        <translation>%1 liegt vor %2; ob durch Zufall, zeigen erst weitere Läufe mit anderen Startwerten.</translation>
    </message>
    <message>
        <source>%1 and %2 differ by %3 (%4 and %5 runs): within noise.</source>
        <translation>%1 und %2 unterscheiden sich um %3 (%4 und %5 Läufe): im Rauschen.</translation>
    </message>
    <message>
        <source>%1 beats %2 by %3 (%4 and %5 runs).</source>
        <translation>%1 schlägt %2 um %3 (%4 und %5 Läufe).</translation>
    </message>
</context>
<context>
    <name>lathe::StudyRungs</name>
    <message>
        <source>How far the trials came</source>
        <translation>Wie weit die Versuche kamen</translation>
    </message>
    <message>
        <source>No trial was pruned so far.</source>
        <translation>Bisher wurde kein Versuch abgebrochen.</translation>
    </message>
    <message>
        <source>A rung is a step at which trials were pruned. The table of trials has the reason of each in its last column.</source>
        <translation>Eine Stufe ist ein Schritt, bei dem Versuche abgebrochen wurden. Den Grund nennt die letzte Spalte der Versuchstabelle.</translation>
    </message>
    <message>
        <source>Rungs appear once a trial is complete or pruned.</source>
        <translation>Stufen erscheinen, sobald ein Versuch fertig oder abgebrochen ist.</translation>
    </message>
    <message>
        <source>What became of the trials at each rung</source>
        <translation>Was auf jeder Stufe aus den Versuchen wurde</translation>
    </message>
    <message>
        <source>Step</source>
        <comment>rung</comment>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Reached</source>
        <comment>rung</comment>
        <translation>Erreicht</translation>
    </message>
    <message>
        <source>Kept</source>
        <comment>by the pruner</comment>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Pruned</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Laufend</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Beendet</translation>
    </message>
</context>
<context>
    <name>lathe::StudyTradeoff</name>
    <message>
        <source>%1 (more is better)</source>
        <translation>%1 (mehr ist besser)</translation>
    </message>
    <message>
        <source>%1 (less is better)</source>
        <translation>%1 (weniger ist besser)</translation>
    </message>
    <message>
        <source>Choose two different measures.</source>
        <translation>Zwei verschiedene Größen wählen.</translation>
    </message>
    <message>
        <source>Trade-off</source>
        <translation>Abwägung</translation>
    </message>
    <message>
        <source>No trial betters these in both: %1.</source>
        <comment>list of trials</comment>
        <translation>Kein Versuch übertrifft diese in beidem: %1.</translation>
    </message>
    <message>
        <source>&amp;x axis</source>
        <translation>&amp;x-Achse</translation>
    </message>
    <message>
        <source>&amp;y axis</source>
        <translation>&amp;y-Achse</translation>
    </message>
    <message>
        <source>Measure on the x axis</source>
        <translation>Größe auf der x-Achse</translation>
    </message>
    <message>
        <source>Measure on the y axis</source>
        <translation>Größe auf der y-Achse</translation>
    </message>
    <message>
        <source>Trials appear here once they are complete.</source>
        <translation>Versuche erscheinen hier, sobald sie fertig sind.</translation>
    </message>
</context>
<context>
    <name>lathe::FormDialog</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>lathe::StudySession</name>
    <message>
        <source>The study is just ending; change its budget again.</source>
        <translation>Die Studie geht gerade zu Ende; ihr Budget danach noch einmal ändern.</translation>
    </message>
    <message>
        <source>The study is just ending; add the trial again.</source>
        <translation>Die Studie geht gerade zu Ende; den Versuch danach noch einmal hinzufügen.</translation>
    </message>
    <message>
        <source>The study is just ending; move the trial again.</source>
        <translation>Die Studie endet gerade; verschieben Sie den Versuch noch einmal.</translation>
    </message>
</context>
<context>
    <name>CoreSentence</name>
    <message>
        <source>%1 at step %2 is worse than the median %3 of 1 trial</source>
        <translation>%1 bei Schritt %2 ist schlechter als der Median %3 von 1 Versuch</translation>
    </message>
    <message>
        <source>%1 at step %2 is worse than the median %3 of %4 trials</source>
        <translation>%1 bei Schritt %2 ist schlechter als der Median %3 von %4 Versuchen</translation>
    </message>
    <message>
        <source>%1 at step %2 is worse than the %3th percentile %4 of 1 trial</source>
        <translation>%1 bei Schritt %2 ist schlechter als das %3. Perzentil %4 von 1 Versuch</translation>
    </message>
    <message>
        <source>%1 at step %2 is worse than the %3th percentile %4 of %5 trials</source>
        <translation>%1 bei Schritt %2 ist schlechter als das %3. Perzentil %4 von %5 Versuchen</translation>
    </message>
    <message>
        <source>all values so far are not a number at step %1</source>
        <translation>bis Schritt %1 ist kein Wert eine Zahl</translation>
    </message>
    <message>
        <source>%1 at step %2 is one of the first %3 at the rung of step %4, from which none goes on yet</source>
        <translation>%1 bei Schritt %2 ist einer der ersten %3 auf der Stufe von Schritt %4, von der noch keiner weitergeht</translation>
    </message>
    <message>
        <source>%1 at step %2 is not among the best %3 of %4 trials at the rung of step %5</source>
        <translation>%1 bei Schritt %2 ist nicht unter den besten %3 von %4 Versuchen auf der Stufe von Schritt %5</translation>
    </message>
    <message>
        <source>no better than %1 in the last %2 values up to step %3, the best of which is %4</source>
        <translation>nicht besser als %1 in den letzten %2 Werten bis Schritt %3, deren bester %4 ist</translation>
    </message>
    <message>
        <source>mean %1 over %2 steps is worse than the best trial&apos;s %3 (signed-rank test, p = %4)</source>
        <translation>Mittel %1 über %2 Schritte ist schlechter als %3 des besten Versuchs (Vorzeichen-Rang-Test, p = %4)</translation>
    </message>
    <message>
        <source>%1 at step %2 is not a number</source>
        <translation>%1 bei Schritt %2 ist keine Zahl</translation>
    </message>
    <message>
        <source>%1 at step %2 is not a finite number</source>
        <translation>%1 bei Schritt %2 ist keine endliche Zahl</translation>
    </message>
    <message>
        <source>%1 at step %2 is below the threshold %3</source>
        <translation>%1 bei Schritt %2 liegt unter der Schwelle %3</translation>
    </message>
    <message>
        <source>%1 at step %2 is above the threshold %3</source>
        <translation>%1 bei Schritt %2 liegt über der Schwelle %3</translation>
    </message>
    <message>
        <source>%1 at step %2 is more than %3 times worse than its best %4</source>
        <translation>%1 bei Schritt %2 ist mehr als %3-mal so schlecht wie sein bester Wert %4</translation>
    </message>
    <message>
        <source>ended by hand</source>
        <translation>von Hand beendet</translation>
    </message>
    <message>
        <source>not trained: %1</source>
        <translation>nicht trainiert: %1</translation>
    </message>
    <message>
        <source>tried again for want of memory, with %1</source>
        <translation>aus Speichermangel noch einmal versucht, mit %1</translation>
    </message>
    <message>
        <source>not in the space that the study searches now: %1</source>
        <translation>nicht in dem Bereich, den die Studie jetzt durchsucht: %1</translation>
    </message>
    <message>
        <source>stopped; it can be resumed</source>
        <translation>angehalten; er kann weitergehen</translation>
    </message>
    <message>
        <source>Stopped before it began</source>
        <translation>Angehalten, bevor er begann</translation>
    </message>
    <message>
        <source>There was not enough memory; choose a smaller batch or a shorter length</source>
        <translation>Der Speicher reichte nicht; wählen Sie kleinere Stapel oder eine kürzere Länge</translation>
    </message>
    <message>
        <source>%1 does not hold: %2</source>
        <translation>%1 gilt nicht: %2</translation>
    </message>
    <message>
        <source>%1 cannot be told: not all of %2 is known</source>
        <translation>%1 lässt sich nicht sagen: nicht alles von %2 ist bekannt</translation>
    </message>
    <message>
        <source>%1 is searched and derived; keep one of the two</source>
        <translation>%1 wird gesucht und abgeleitet; behalten Sie eines von beiden</translation>
    </message>
    <message>
        <source>%1 is derived twice; keep one of the two</source>
        <translation>%1 wird zweimal abgeleitet; behalten Sie eines von beiden</translation>
    </message>
    <message>
        <source>%1 depends on %2, which is derived; let it depend on a searched or fixed value</source>
        <translation>%1 hängt von %2 ab, das abgeleitet wird; lassen Sie es von einem gesuchten oder festen Wert abhängen</translation>
    </message>
    <message>
        <source>%1 is a whole number and this need not be one; write round(…) or floor(…) around it</source>
        <translation>%1 ist eine ganze Zahl, und dies muss keine sein; schreiben Sie round(…) oder floor(…) darum</translation>
    </message>
    <message>
        <source>%1 cannot change from trial to trial; give it one value</source>
        <translation>%1 kann sich nicht von Versuch zu Versuch ändern; geben Sie ihm einen Wert</translation>
    </message>
    <message>
        <source>%1 is not a parameter; did you mean %2?</source>
        <translation>%1 ist kein Feld; meinten Sie %2?</translation>
    </message>
    <message>
        <source>%1 is not a parameter</source>
        <translation>%1 ist kein Feld</translation>
    </message>
    <message>
        <source>%1 does not say what follows from what; write KEY=EXPRESSION, as in alpha=2*rank</source>
        <translation>%1 sagt nicht, was woraus folgt; schreiben Sie FELD=AUSDRUCK wie in alpha=2*rank</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is %2; write what must not be, as in rank &gt; 64 and batch_size &gt; 16</source>
        <translation>„%1“ ist %2; schreiben Sie, was nicht sein darf, wie in rank &gt; 64 and batch_size &gt; 16</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is no limit; write one as in seconds &lt;= 600</source>
        <translation>„%1“ ist keine Grenze; schreiben Sie eine wie in seconds &lt;= 600</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is %2; a number is needed</source>
        <translation>„%1“ ist %2; gebraucht wird eine Zahl</translation>
    </message>
    <message>
        <source>%1 is no limit of a field; write FIELD &lt;= EXPRESSION or FIELD &gt;= EXPRESSION</source>
        <translation>%1 ist keine Grenze eines Feldes; schreiben Sie FELD &lt;= AUSDRUCK oder FELD &gt;= AUSDRUCK</translation>
    </message>
    <message>
        <source>%1 is not searched; only a range that is searched has bounds</source>
        <translation>%1 wird nicht gesucht; Grenzen hat nur ein Bereich, der durchsucht wird</translation>
    </message>
    <message>
        <source>%1 has an upper bound already; keep one of the two</source>
        <translation>%1 hat schon eine obere Grenze; behalten Sie eine von beiden</translation>
    </message>
    <message>
        <source>%1 has a lower bound already; keep one of the two</source>
        <translation>%1 hat schon eine untere Grenze; behalten Sie eine von beiden</translation>
    </message>
    <message>
        <source>only a range of numbers has bounds; forbid what is not wanted</source>
        <translation>Grenzen hat nur ein Zahlenbereich; verbieten Sie, was nicht erwünscht ist</translation>
    </message>
    <message>
        <source>%1 is neither a field of the recipe nor reported by these runs; choose one of %2</source>
        <translation>%1 ist weder ein Feld des Rezepts noch wird es von diesen Läufen gemeldet; wählen Sie eines von %2</translation>
    </message>
    <message>
        <source>column %1: %2</source>
        <translation>Spalte %1: %2</translation>
    </message>
    <message>
        <source>%1 is not known here; did you mean %2?</source>
        <translation>%1 ist hier nicht bekannt; meinten Sie %2?</translation>
    </message>
    <message>
        <source>%1 is not known here</source>
        <translation>%1 ist hier nicht bekannt</translation>
    </message>
    <message>
        <source>a single = stands here; write == to compare</source>
        <translation>hier steht ein einzelnes =; schreiben Sie == zum Vergleichen</translation>
    </message>
    <message>
        <source>%1, where an operator or the end is needed</source>
        <translation>%1, wo ein Operator oder das Ende gebraucht wird</translation>
    </message>
    <message>
        <source>%1, where a value is needed</source>
        <translation>%1, wo ein Wert gebraucht wird</translation>
    </message>
    <message>
        <source>%1, where ) is needed for the ( in column %2</source>
        <translation>%1, wo ) für die ( in Spalte %2 gebraucht wird</translation>
    </message>
    <message>
        <source>%1, where , or ) is needed</source>
        <translation>%1, wo , oder ) gebraucht wird</translation>
    </message>
    <message>
        <source>%1, which is no number; write it as 0.0003 or 3e-4</source>
        <translation>%1, was keine Zahl ist; schreiben Sie sie als 0.0003 oder 3e-4</translation>
    </message>
    <message>
        <source>%1 right behind a number; write 2 * x for 2x</source>
        <translation>%1 direkt hinter einer Zahl; schreiben Sie 2 * x für 2x</translation>
    </message>
    <message>
        <source>the quote that begins here does not end</source>
        <translation>das Anführungszeichen, das hier beginnt, endet nicht</translation>
    </message>
    <message>
        <source>it ends here</source>
        <translation>hier endet es</translation>
    </message>
    <message>
        <source>&quot;%1&quot; stands here</source>
        <translation>hier steht „%1“</translation>
    </message>
    <message>
        <source>%1 needs %2, this is %3</source>
        <translation>%1 braucht %2, dies ist %3</translation>
    </message>
    <message>
        <source>two comparisons in a row; write &quot;a &lt; b and b &lt; c&quot;</source>
        <translation>zwei Vergleiche hintereinander; schreiben Sie „a &lt; b and b &lt; c“</translation>
    </message>
    <message>
        <source>%1 is compared with %2 here; compare like with like</source>
        <translation>hier wird %1 mit %2 verglichen; vergleichen Sie Gleiches mit Gleichem</translation>
    </message>
    <message>
        <source>only numbers are smaller or larger; compare %1 by == or !=</source>
        <translation>nur Zahlen sind kleiner oder größer; vergleichen Sie %1 mit == oder !=</translation>
    </message>
    <message>
        <source>too much stands within each other here; make it simpler</source>
        <translation>hier steht zu viel ineinander; machen Sie es einfacher</translation>
    </message>
    <message>
        <source>%1 is no function; there are min, max, floor, ceil, round, abs, sqrt, log2, log10 and pow</source>
        <translation>%1 ist keine Funktion; es gibt min, max, floor, ceil, round, abs, sqrt, log2, log10 und pow</translation>
    </message>
    <message>
        <source>%1 takes %2, not %3</source>
        <translation>%1 nimmt %2, nicht %3</translation>
    </message>
    <message>
        <source>2 numbers and more</source>
        <translation>2 Zahlen und mehr</translation>
    </message>
    <message>
        <source>1 number</source>
        <translation>1 Zahl</translation>
    </message>
    <message>
        <source>%1 numbers</source>
        <translation>%1 Zahlen</translation>
    </message>
    <message>
        <source>( is needed here</source>
        <translation>hier wird ( gebraucht</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>wahr oder falsch</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>eine ganze Zahl</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>eine Zahl</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>ein Text</translation>
    </message>
</context>
<context>
    <name>lathe::StudyObjectives</name>
    <message>
        <source>“%1” is an objective twice; choose another one, or take it away.</source>
        <translation>„%1“ ist zweimal ein Ziel; wählen Sie ein anderes, oder nehmen Sie es weg.</translation>
    </message>
    <message>
        <source>highest</source>
        <comment>value is the best</comment>
        <translation>höchster</translation>
    </message>
    <message>
        <source>lowest</source>
        <comment>value is the best</comment>
        <translation>kleinster</translation>
    </message>
    <message>
        <source>What makes a trial the best</source>
        <translation>Was einen Versuch zum besten macht</translation>
    </message>
    <message>
        <source>Objective %1</source>
        <translation>Ziel %1</translation>
    </message>
    <message>
        <source>Which value of it is the best</source>
        <translation>Welcher Wert davon der beste ist</translation>
    </message>
    <message>
        <source>Take this objective away</source>
        <translation>Dieses Ziel wegnehmen</translation>
    </message>
    <message>
        <source>Take objective %1 away</source>
        <translation>Ziel %1 wegnehmen</translation>
    </message>
    <message>
        <source>Another objective</source>
        <translation>Weiteres Ziel</translation>
    </message>
    <message>
        <source>Look for the trials that no other betters in every objective</source>
        <translation>Die Versuche suchen, die kein anderer in jedem Ziel übertrifft</translation>
    </message>
</context>
<context>
    <name>lathe::StudyRulesEditor</name>
    <message>
        <source>Rule “%1”: %2</source>
        <comment>text: what is wrong</comment>
        <translation>Regel „%1“: %2</translation>
    </message>
    <message>
        <source>FIELD = EXPRESSION, as in alpha = 2 * rank. The field itself is not searched.</source>
        <translation>FELD = AUSDRUCK wie in alpha = 2 * rank. Das Feld selbst wird nicht gesucht.</translation>
    </message>
    <message>
        <source>FIELD &lt;= EXPRESSION or FIELD &gt;= EXPRESSION, as in warmup_steps &lt;= max_steps / 2, for a field that is searched over a range.</source>
        <translation>FELD &lt;= AUSDRUCK oder FELD &gt;= AUSDRUCK wie in warmup_steps &lt;= max_steps / 2, für ein Feld, das über einen Bereich gesucht wird.</translation>
    </message>
    <message>
        <source>What must not be, as in rank &gt; 64 and batch_size &gt; 16.</source>
        <translation>Was nicht sein darf, wie in rank &gt; 64 and batch_size &gt; 16.</translation>
    </message>
    <message>
        <source>What a trial must keep to, as in seconds &lt;= 600; one that misses it is never the best.</source>
        <translation>Was ein Versuch einhalten muss, wie in seconds &lt;= 600; einer, der es verfehlt, ist nie der beste.</translation>
    </message>
    <message>
        <source>Searched: %1.
Other fields: %2.
In limits on results also: %3.
Numbers, &apos;texts&apos;, true, false; + - * /, == != &lt; &lt;= &gt; &gt;=, and or not, ( ); min max floor ceil round abs sqrt log2 log10 pow.</source>
        <translation>Gesucht: %1.
Andere Felder: %2.
In Grenzen für Ergebnisse auch: %3.
Zahlen, &apos;Texte&apos;, true, false; + - * /, == != &lt; &lt;= &gt; &gt;=, and or not, ( ); min max floor ceil round abs sqrt log2 log10 pow.</translation>
    </message>
    <message>
        <source>Follows</source>
        <comment>a field from others</comment>
        <translation>Folgt</translation>
    </message>
    <message>
        <source>Bound</source>
        <comment>of a range</comment>
        <translation>Grenze</translation>
    </message>
    <message>
        <source>Never</source>
        <comment>a combination</comment>
        <translation>Nie</translation>
    </message>
    <message>
        <source>Limit</source>
        <comment>on a result</comment>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Kind of rule %1</source>
        <translation>Art der Regel %1</translation>
    </message>
    <message>
        <source>Rule %1</source>
        <translation>Regel %1</translation>
    </message>
    <message>
        <source>Take rule %1 away</source>
        <translation>Regel %1 wegnehmen</translation>
    </message>
    <message>
        <source>Take this rule away</source>
        <translation>Diese Regel wegnehmen</translation>
    </message>
    <message>
        <source>Another rule</source>
        <translation>Weitere Regel</translation>
    </message>
</context>
<context>
    <name>lathe::AllocationMap</name>
    <message>
        <source>%1 of layer %2</source>
        <comment>kind of module</comment>
        <translation>%1 in Schicht %2</translation>
    </message>
    <message>
        <source>%1: there is no such module</source>
        <translation>%1: Ein solches Modul gibt es nicht</translation>
    </message>
    <message>
        <source>on</source>
        <comment>a module</comment>
        <translation>an</translation>
    </message>
    <message>
        <source>off</source>
        <comment>a module</comment>
        <translation>aus</translation>
    </message>
    <message>
        <source>, rank %1</source>
        <translation>, Rang %1</translation>
    </message>
    <message>
        <source>score %1</source>
        <translation>Wertung %1</translation>
    </message>
    <message>
        <source>no score</source>
        <translation>ohne Wertung</translation>
    </message>
    <message>
        <source>%1: %2, %3; on in %4 of %5 allocations</source>
        <translation>%1: %2, %3; an in %4 von %5 Zuteilungen</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>Allocation by layer and kind of module</source>
        <translation>Zuteilung nach Schicht und Art des Moduls</translation>
    </message>
</context>
<context>
    <name>lathe::AllocationView</name>
    <message>
        <source>Churn</source>
        <translation>Wechsel</translation>
    </message>
    <message>
        <source>step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>modules that are new</source>
        <translation>neue Module</translation>
    </message>
    <message>
        <source>step %1 (%2 of %3)</source>
        <translation>Schritt %1 (%2 von %3)</translation>
    </message>
    <message>
        <source>%1 of the scores are tied: chance decides among them, not the proxy.</source>
        <translation>%1 der Wertungen sind gleich: Unter ihnen entscheidet der Zufall, nicht das Maß.</translation>
    </message>
    <message>
        <source>%1 of %2 modules on</source>
        <translation>%1 von %2 Modulen an</translation>
    </message>
    <message>
        <source>%1 parameters in use</source>
        <translation>%1 Parameter in Gebrauch</translation>
    </message>
    <message>
        <source>churn %1</source>
        <translation>Wechsel %1</translation>
    </message>
    <message>
        <source>scored by %1</source>
        <translation>gewertet nach %1</translation>
    </message>
    <message>
        <source>Allocation</source>
        <translation>Zuteilung</translation>
    </message>
    <message>
        <source>At one time</source>
        <translation>Zu einer Zeit</translation>
    </message>
    <message>
        <source>How often on</source>
        <translation>Wie oft an</translation>
    </message>
    <message>
        <source>What the map shows</source>
        <translation>Was die Karte zeigt</translation>
    </message>
    <message>
        <source>&amp;Time</source>
        <translation>&amp;Zeit</translation>
    </message>
    <message>
        <source>Reallocation</source>
        <translation>Neuzuteilung</translation>
    </message>
    <message>
        <source>Looks back at earlier reallocations; at its end it follows the run</source>
        <translation>Blickt auf frühere Zuteilungen zurück; am Ende folgt er dem Lauf</translation>
    </message>
    <message>
        <source>No allocation is recorded yet. The first one comes when the training begins.</source>
        <translation>Noch ist keine Zuteilung aufgezeichnet. Die erste kommt, wenn das Training beginnt.</translation>
    </message>
    <message>
        <source>No reallocation yet.</source>
        <translation>Noch keine Neuzuteilung.</translation>
    </message>
    <message>
        <source>one ranking of all</source>
        <translation>eine Rangfolge für alle</translation>
    </message>
    <message>
        <source>shortcuts ranked apart</source>
        <translation>Abkürzungen für sich gereiht</translation>
    </message>
</context>
<context>
    <name>lathe::ShadeScale</name>
    <message>
        <source>Shades from %1 (strong) to %2 (faint)</source>
        <translation>Töne von %1 (kräftig) bis %2 (blass)</translation>
    </message>
</context>
<context>
    <name>lathe::SimplexMap</name>
    <message>
        <source>training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>validation</source>
        <translation>Validierung</translation>
    </message>
    <message>
        <source>Vertex 1 %1, 2 %2, 3 %3: %4 loss %5</source>
        <comment>shares of a mixture, then data and loss</comment>
        <translation>Ecke 1 %1, 2 %2, 3 %3: Verlust (%4) %5</translation>
    </message>
    <message>
        <source>Vertex %1: %2</source>
        <comment>its number and loss</comment>
        <translation>Ecke %1: %2</translation>
    </message>
    <message>
        <source>Training loss</source>
        <translation>Trainingsverlust</translation>
    </message>
    <message>
        <source>Validation loss</source>
        <translation>Validierungsverlust</translation>
    </message>
    <message>
        <source>Training loss over the simplex</source>
        <translation>Trainingsverlust über dem Simplex</translation>
    </message>
    <message>
        <source>Validation loss over the simplex</source>
        <translation>Validierungsverlust über dem Simplex</translation>
    </message>
</context>
<context>
    <name>lathe::SimplexView</name>
    <message>
        <source>all</source>
        <comment>edges of a simplex</comment>
        <translation>alle</translation>
    </message>
    <message>
        <source>Loss along the edges</source>
        <translation>Verlust entlang der Kanten</translation>
    </message>
    <message>
        <source>from one vertex to the other</source>
        <translation>von einer Ecke zur anderen</translation>
    </message>
    <message>
        <source>%1 training</source>
        <comment>an edge</comment>
        <translation>%1 Training</translation>
    </message>
    <message>
        <source>%1 validation</source>
        <comment>an edge</comment>
        <translation>%1 Validierung</translation>
    </message>
    <message>
        <source>%1: training %2, validation %3</source>
        <comment>a point of a simplex and its losses</comment>
        <translation>%1: Training %2, Validierung %3</translation>
    </message>
    <message>
        <source>Midpoint</source>
        <translation>Mitte</translation>
    </message>
    <message>
        <source>Best vertex (%1)</source>
        <translation>Beste Ecke (%1)</translation>
    </message>
    <message>
        <source>the validation loss climbs by at most %1 on the way from vertex to vertex</source>
        <translation>der Validierungsverlust steigt auf dem Weg von Ecke zu Ecke um höchstens %1</translation>
    </message>
    <message>
        <source>the validation loss does not climb on the way from vertex to vertex</source>
        <translation>der Validierungsverlust steigt auf dem Weg von Ecke zu Ecke nicht</translation>
    </message>
    <message>
        <source>Simplex</source>
        <translation>Simplex</translation>
    </message>
    <message>
        <source>The loss over the simplex is measured when the training has ended, if the recipe says “Map the loss”.</source>
        <translation>Der Verlust über dem Simplex wird nach dem Training gemessen, wenn das Rezept ihn verlangt (Verlust kartieren).</translation>
    </message>
    <message>
        <source>&amp;Edge</source>
        <translation>&amp;Kante</translation>
    </message>
    <message>
        <source>Edge that is shown</source>
        <translation>Gezeigte Kante</translation>
    </message>
    <message>
        <source>A simplex of one vertex has no edges.</source>
        <translation>Ein Simplex mit einer Ecke hat keine Kanten.</translation>
    </message>
    <message>
        <source>Midpoint (interpolated)</source>
        <translation>Mitte (interpoliert)</translation>
    </message>
</context>
<context>
    <name>lathe::StudyRecipes</name>
    <message>
        <source>Compared: %1.</source>
        <translation>Verglichen: %1.</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>a field and its value</comment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>Rezept</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Mean ± SD</source>
        <translation>Mittel ± SD</translation>
    </message>
    <message>
        <source>Against the first (95 %)</source>
        <translation>Gegen das erste (95 %)</translation>
    </message>
    <message>
        <source>p</source>
        <translation>p</translation>
    </message>
    <message>
        <source>Seed %1</source>
        <translation>Startwert %1</translation>
    </message>
    <message>
        <source>%1 ± %2</source>
        <translation>%1 ± %2</translation>
    </message>
    <message>
        <source>%1 is better than: %2.</source>
        <comment>recipes</comment>
        <translation>%1 ist besser als: %2.</translation>
    </message>
    <message>
        <source>%1 is worse than: %2.</source>
        <comment>recipes</comment>
        <translation>%1 ist schlechter als: %2.</translation>
    </message>
    <message>
        <source>Nothing shows that %1 differs from: %2.</source>
        <comment>recipes</comment>
        <translation>Nichts zeigt, dass sich %1 unterscheidet von: %2.</translation>
    </message>
    <message>
        <source>About %1 seeds for each would tell differences as small as these from chance.</source>
        <translation>Etwa %1 Startwerte je Rezept würden so kleine Unterschiede vom Zufall trennen.</translation>
    </message>
    <message>
        <source>Too few runs yet to compare %1 with: %2.</source>
        <comment>recipes</comment>
        <translation>Noch zu wenige Läufe, um %1 zu vergleichen mit: %2.</translation>
    </message>
    <message>
        <source>%1 runs are missing.</source>
        <translation>%1 Läufe fehlen.</translation>
    </message>
    <message>
        <source>Results of the recipes</source>
        <translation>Ergebnisse der Rezepte</translation>
    </message>
    <message>
        <source>Mean and standard deviation (n − 1) over the seeds. The difference is that to the first recipe with its 95 % interval, paired by seed where both have the same ones; p is of no difference, two-sided, and not corrected for several comparisons.</source>
        <translation>Mittel und Standardabweichung (n − 1) über die Startwerte. Die Differenz ist die zum ersten Rezept mit ihrem 95-%-Intervall, nach Startwerten gepaart, wo beide dieselben haben; p gilt für keinen Unterschied, zweiseitig und nicht für mehrere Vergleiche korrigiert.</translation>
    </message>
    <message>
        <source>Parameters</source>
        <comment>trained</comment>
        <translation>Parameter</translation>
    </message>
</context>
<context>
    <name>ProfileAction</name>
    <message>
        <source>The recipe being edited</source>
        <translation>Das Rezept in Bearbeitung</translation>
    </message>
    <message>
        <source>The recipe of “%1”</source>
        <translation>Das Rezept von „%1“</translation>
    </message>
    <message>
        <source>This build cannot measure steps.</source>
        <translation>Dieses Programm kann keine Schritte vermessen.</translation>
    </message>
</context>
<context>
    <name>lathe::OperatorTimeModel</name>
    <message>
        <source>Operator</source>
        <translation>Operator</translation>
    </message>
    <message>
        <source>Work</source>
        <translation>Arbeit</translation>
    </message>
    <message>
        <source>Calls per step</source>
        <translation>Aufrufe je Schritt</translation>
    </message>
    <message>
        <source>ms per step</source>
        <translation>ms je Schritt</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>Anteil</translation>
    </message>
</context>
<context>
    <name>lathe::ProfileDialog</name>
    <message>
        <source>Profile a step</source>
        <translation>Einen Schritt vermessen</translation>
    </message>
    <message>
        <source>Steps measured</source>
        <translation>Gemessene Schritte</translation>
    </message>
    <message>
        <source>Costliest operators</source>
        <translation>Teuerste Operatoren</translation>
    </message>
    <message>
        <source>Trains a few steps as a run would, keeps nothing, and shows what the time of a step goes to. Other trainings that run meanwhile slow it down.</source>
        <translation>Trainiert ein paar Schritte wie ein Lauf, behält nichts davon und zeigt, wohin die Zeit eines Schritts geht. Anderes, das währenddessen trainiert, bremst es.</translation>
    </message>
    <message>
        <source>S&amp;teps:</source>
        <translation>Schri&amp;tte:</translation>
    </message>
    <message>
        <source>ms per step</source>
        <translation>ms je Schritt</translation>
    </message>
    <message>
        <source>tokens per second</source>
        <translation>Token pro Sekunde</translation>
    </message>
    <message>
        <source>GFLOP per second, of the mathematics</source>
        <translation>GFLOP pro Sekunde, der Mathematik nach</translation>
    </message>
    <message>
        <source>What the time of a step goes to</source>
        <translation>Wohin die Zeit eines Schritts geht</translation>
    </message>
    <message>
        <source>&amp;Measure</source>
        <translation>&amp;Messen</translation>
    </message>
    <message>
        <source>St&amp;op</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>&amp;Copy as CSV</source>
        <translation>Als CSV &amp;kopieren</translation>
    </message>
    <message>
        <source>Sa&amp;ve as CSV…</source>
        <translation>Als CSV &amp;speichern…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Steps: give a whole number from 1 to %1.</source>
        <translation>Schritte: eine ganze Zahl von 1 bis %1 angeben.</translation>
    </message>
    <message>
        <source>Stopped.</source>
        <translation>Angehalten.</translation>
    </message>
    <message>
        <source>Getting ready…</source>
        <translation>Wird vorbereitet…</translation>
    </message>
    <message>
        <source>%1: step %2 of %3</source>
        <comment>what is done, then how far it is</comment>
        <translation>%1: Schritt %2 von %3</translation>
    </message>
    <message>
        <source>Steps measured: %1</source>
        <translation>Gemessene Schritte: %1</translation>
    </message>
    <message>
        <source>threads: %1</source>
        <translation>Threads: %1</translation>
    </message>
    <message>
        <source>device: %1</source>
        <translation>Gerät: %1</translation>
    </message>
    <message>
        <source>On a GPU, operators take the time of handing work over; waiting for it counts as everything else.</source>
        <translation>Auf einer GPU brauchen Operatoren die Zeit, in der sie Arbeit abgeben; das Warten darauf zählt zu allem anderen.</translation>
    </message>
    <message>
        <source>Copied.</source>
        <translation>Kopiert.</translation>
    </message>
    <message>
        <source>Save the profile</source>
        <translation>Das Profil speichern</translation>
    </message>
    <message>
        <source>Writes kinds of work and operators to a CSV file.</source>
        <translation>Schreibt Arten der Arbeit und Operatoren in eine CSV-Datei.</translation>
    </message>
    <message>
        <source>Written to %1.</source>
        <translation>Nach %1 geschrieben.</translation>
    </message>
</context>
<context>
    <name>lathe::WorkTimeModel</name>
    <message>
        <source>%1 %</source>
        <comment>a share</comment>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Products with the base&apos;s weights</source>
        <translation>Produkte mit den Gewichten der Basis</translation>
    </message>
    <message>
        <source>Adapter</source>
        <translation>Adapter</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>Attention</translation>
    </message>
    <message>
        <source>Norms and activations</source>
        <translation>Normen und Aktivierungen</translation>
    </message>
    <message>
        <source>Loss and head</source>
        <translation>Verlust und Kopf</translation>
    </message>
    <message>
        <source>Optimiser</source>
        <translation>Optimierer</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Daten</translation>
    </message>
    <message>
        <source>Everything else</source>
        <translation>Alles andere</translation>
    </message>
    <message>
        <source>Work</source>
        <translation>Arbeit</translation>
    </message>
    <message>
        <source>ms per step</source>
        <translation>ms je Schritt</translation>
    </message>
    <message>
        <source>Share</source>
        <translation>Anteil</translation>
    </message>
</context>
</TS>
