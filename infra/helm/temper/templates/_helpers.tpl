{{- define "temper.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "temper.labels" -}}
app.kubernetes.io/name: temper
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* What the selectors ask for; never changes with a version. */}}
{{- define "temper.selector" -}}
app.kubernetes.io/name: temper
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "temper.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "temper.name" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Image of a provider: webgpu runs in the CPU's, given a driver by the node. */}}
{{- define "temper.image" -}}
{{- $kind := ternary "cuda" "cpu" (eq .pool.provider "cuda") -}}
{{- $tag := default .root.Chart.AppVersion .root.Values.image.tag -}}
{{- printf "%s-%s%s%s" .root.Values.image.prefix $kind (ternary "@" ":" (hasPrefix "sha256:" $tag)) $tag -}}
{{- end -}}

{{/* The queue on which a pool's trainings wait: deviceQueueOf in libs/contracts. */}}
{{- define "temper.deviceQueue" -}}
{{- $suffix := dict "cpu" "cpu-device" "cuda" "gpu-cuda" "webgpu" "gpu-webgpu" -}}
{{- printf "%s-%s" .root.Values.queuePrefix (get $suffix .pool.provider) -}}
{{- end -}}
